"""The files of ``leaky`` by path."""

from __future__ import annotations

_EDGE = "PRIVATE KEY-----"

FORMATS: dict[str, str] = {
    ".docker/.dockercfg": """{
  "https://index.docker.io/v1/": {"auth": "[[login]]", "email": ""},
  "registry.acme.io": {"auth": "[[login]]"}
}
""",
    ".docker/config.json": """{
\t"auths": {
\t\t"https://index.docker.io/v1/": {"auth": "[[login]]"},
\t\t"registry.acme.io": {"auth": "[[login]]"}
\t},
\t"credsStore": ""
}
""",
    "db/.pgpass": "((host)):5432:features:((user)):[[weak]]\n*:5432:*:report:[[pw]]\n",
    "web/.htpasswd": "((user)):[[apr1]]\nadmin:[[bcrypt]]\n",
    "etc/shadow": """root:[[sha512crypt]]:18893:0:99999:7:::
daemon:*:18893:0:99999:7:::
bin:!:18893:0:99999:7:::
((user)):[[sha512crypt]]:18893:0:99999:7:::
""",
    ".git-credentials": """https://((user)):[[GITHUB_TOKEN]]@github.com
https://((user)):[[weak]]@((host))
""",
    "filezilla/recentservers.xml": """<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3><RecentServers>
  <Server>
    <Host>((host))</Host><Port>((port))</Port><Protocol>0</Protocol>
    <User>((user))</User>
    <Pass encoding="base64">[[encoded]]</Pass>
  </Server>
  <Server>
    <Host>((host))</Host>
    <Pass>[[weak]]</Pass>
  </Server>
</RecentServers></FileZilla3>
""",
    "filezilla/sitemanager.xml": """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<FileZilla3 version="3.57.0" platform="*nix">
  <Servers><Server>
    <Host>((host))</Host>
    <User>((user))</User>
    <Pass encoding="base64">[[encoded]]</Pass>
    <Logontype>1</Logontype>
  </Server></Servers>
</FileZilla3>
""",
    "web/wp-config.php": """<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', '((user))' );
define( 'DB_PASSWORD', '[[pw]]' );
define( 'DB_HOST', 'localhost' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'AUTH_KEY',         '[[salt]]' );
define( 'SECURE_AUTH_KEY',  '[[salt]]' );
define( 'LOGGED_IN_KEY',    '[[salt]]' );
define( 'NONCE_SALT',       '[[salt]]' );
$table_prefix = 'wp_';
""",
    ".s3cfg": """[default]
access_key = [[AWS_ACCESS_KEY_ID]]
bucket_location = eu-central-1
gpg_passphrase =
secret_key = [[AWS_SECRET_KEY]]
use_https = True
""",
    ".esmtprc": """hostname=((host)):587
username=((user))
password=[[weak]]
starttls=enabled
""",
    "keys/backup.ppk": """PuTTY-User-Key-File-2: ssh-rsa
Encryption: none
Comment: rsa-key-20260102
Public-Lines: 4
((public))
Private-Lines: 10
[[ppk]]
Private-MAC: ((when))
""",
    "rails/config/master.key": "[[hex32]]",
    ".vscode/sftp.json": """{
    "name": "prod",
    "host": "((host))",
    "protocol": "sftp",
    "port": 22,
    "username": "((user))",
    "password": "[[weak]]",
    "remotePath": "/var/www"
}
""",
    "sftp-config.json": """{
    // The tab key will cycle through the settings when first created
    "type": "sftp",
    "host": "((host))",
    "user": "((user))",
    "password": "[[weak]]",
    //"port": "22",
    "remote_path": "/srv/app/"
}
""",
    ".netrc": """machine github.com
  login ((user))
  password [[GITHUB_TOKEN]]
machine ((host)) login ((user)) password [[weak]]
""",
    ".npmrc": """registry=https://registry.npmjs.org/
//registry.npmjs.org/:_authToken=[[NPM_TOKEN]]
//((host))/:_password=[[encoded]]
always-auth=true
""",
    ".pypirc": """[distutils]
index-servers = pypi internal

[pypi]
username = __token__
password = [[PYPI_TOKEN]]

[internal]
repository = https://((host))/simple
username = ((user))
password = [[weak]]
""",
    "web/.env": """APP_ENV=production
APP_KEY=base64:[[blob]]
DB_HOST=127.0.0.1
DB_PASSWORD=[[weak]]
REDIS_PASSWORD=null
MAIL_PASSWORD="[[pw]]"
AWS_ACCESS_KEY_ID=[[AWS_ACCESS_KEY_ID]]
AWS_SECRET_ACCESS_KEY=[[AWS_SECRET_KEY]]
HF_TOKEN=[[HF_TOKEN]]
""",
    "rails/config/database.yml": """default: &default
  adapter: postgresql
  pool: 5
production:
  <<: *default
  username: ((user))
  password: [[weak]]
test:
  <<: *default
  password: <%= ENV['DB_PASSWORD'] %>
""",
    "rails/config/secrets.yml": """development:
  secret_key_base: [[hex128]]
test:
  secret_key_base: [[hex128]]
production:
  secret_key_base: <%= ENV["SECRET_KEY_BASE"] %>
""",
    ".aws/credentials": """[default]
aws_access_key_id = [[AWS_ACCESS_KEY_ID]]
aws_secret_access_key = [[AWS_SECRET_KEY]]
region = eu-west-1
""",
    "cloud/service-account.json": """{
  "type": "service_account",
  "project_id": "acme-ml",
  "private_key_id": "((hex40))",
  "private_key": "-----BEGIN """
    + _EDGE
    + """\\n[[der]]\\n-----END """
    + _EDGE
    + """\\n",
  "client_email": "train@acme-ml.iam.gserviceaccount.com"
}
""",
    ".kaggle/kaggle.json": '{"username":"((user))","key":"[[hex32]]"}\n',
    ".cache/huggingface/token": "[[HF_TOKEN]]",
    ".cache/huggingface/stored_tokens": "[work]\nhf_token = [[HF_TOKEN]]\n",
    ".ssh/id_rsa": "[[PRIVATE_KEY]]\n",
    ".bash_history": """cd /srv/app && ls -la
mysql -u ((user)) -p[[weak]] features
export OPENAI_API_KEY=[[OPENAI_KEY]]
curl -u ((user)):[[weak]] https://((host))/metrics
git commit -m "fix tests"
sshpass -p '[[weak]]' ssh ((user))@((host))
""",
    ".mysql_history": """show databases;
CREATE USER 'etl'@'%' IDENTIFIED BY '[[weak]]';
select count(*) from runs;
SET PASSWORD FOR 'root'@'localhost' = PASSWORD('[[weak]]');
""",
    "proftpdpasswd": "((user)):[[sha256crypt]]:1001:1001::/srv/ftp:/bin/false\n",
    "db/robomongo.json": """{
  "connections": [{
    "connectionName": "prod",
    "serverHost": "((host))",
    "serverPort": 27017,
    "credentials": [{"userName": "((user))", "userPassword": "[[weak]]"}],
    "ssh": {"host": "((host))", "userPassword": "[[weak]]", "passphrase": "[[pw]]"}
  }]
}
""",
    "deployment-config.json": """{
  "servers": [
    {"host": "((host))", "username": "((user))", "password": "[[weak]]", "remotePath": "/srv"},
    {"host": "((host))", "username": "((user))", "password": "[[weak]]", "remotePath": "/opt"}
  ]
}
""",
    "ventrilo_srv.ini": """[Server]
Name=Team
Port=3784
AdminPassword=[[weak]]
Password=[[weak]]
MaxClients=8
""",
    "db/dbeaver-data-sources.xml": """<?xml version="1.0" encoding="UTF-8"?>
<data-sources>
  <data-source id="postgres-1" provider="postgresql" name="prod">
    <connection host="((host))" port="5432" user="((user))" password="[[weak]]"/>
  </data-source>
</data-sources>
""",
    ".remote-sync.json": """{
  "transport": "scp",
  "hostname": "((host))",
  "username": "((user))",
  "password": "[[weak]]",
  "target": "/srv/app"
}
""",
    ".ftpconfig": """{
    "protocol": "sftp",
    "host": "((host))",
    "user": "((user))",
    "pass": "[[weak]]",
    "privatekey": "/home/ci/.ssh/id_rsa",
    "passphrase": "[[pw]]",
    "remote": "/"
}
""",
    "db/mongoid.yml": """production:
  clients:
    default:
      uri: mongodb://((user)):[[weak]]@((host)):27017/features
""",
    "web/web.config": """<?xml version="1.0"?>
<configuration>
  <connectionStrings>
    <add name="Main" connectionString="Server=((host));Database=ml;User Id=sa;Password=[[pw]];" />
  </connectionStrings>
  <appSettings><add key="StorageKey" value="[[AZURE_STORAGE_KEY]]" /></appSettings>
</configuration>
""",
    "gradle.properties": """org.gradle.jvmargs=-Xmx4g
signing.password=[[weak]]
sonatypeUsername=((user))
sonatypePassword=[[pw]]
""",
    ".idea/WebServers.xml": """<?xml version="1.0" encoding="UTF-8"?>
<project version="4"><component name="WebServers">
  <option name="servers"><webServer id="1" name="prod" url="http://((host))">
    <fileTransfer host="((host))" port="22" password="[[hex32]]" username="((user))">
    </fileTransfer></webServer></option>
</component></project>
""",
    "hub": """github.com:
- user: ((user))
  oauth_token: [[GITHUB_TOKEN]]
  protocol: https
""",
    ".dbt/profiles.yml": """shop:
  target: prod
  outputs:
    prod:
      type: snowflake
      user: ((user))
      password: [[weak]]
""",
    ".databrickscfg": "[DEFAULT]\nhost = https://((host))\ntoken = [[DATABRICKS_TOKEN]]\n",
    ".m2/settings.xml": """<settings><servers><server>
  <id>releases</id>
  <username>((user))</username>
  <password>[[weak]]</password>
</server></servers></settings>
""",
    ".kube/config": """apiVersion: v1
kind: Config
users:
- name: admin
  user:
    client-key-data: [[pem64]]
    token: [[JWT]]
""",
    "terraform.tfvars": 'region = "eu-west-1"\ndb_password = "[[pw]]"\n',
    ".streamlit/secrets.toml": '[db]\nuser = "((user))"\npassword = "[[weak]]"\n',
    "web/django/settings.py": """DEBUG = False
SECRET_KEY = '[[salt]]'
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'USER': 'app',
    'PASSWORD': '[[weak]]', 'HOST': 'db'}}
""",
    "db/dump.sql": """CREATE TABLE users (id int, login varchar(40), password varchar(60));
INSERT INTO users (id, login, password) VALUES
(1, '((user))', '[[bcrypt]]'),
(2, '((user))', '[[bcrypt]]');
""",
}
