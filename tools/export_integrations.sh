#!/bin/sh
# Export the integrations as repositories of their own: tools/export_integrations.sh FOLDER
#
# Each folder below integrations/ that is named here becomes FOLDER/NAME.git, a bare repository with
# that folder's files at its root and its part of the history; branch main, and a tag of the version.
# What is exported is what is committed.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' src/sentinel/_version.py)

export_one() { # the folder below integrations/, the name of the repository
  [ -d "integrations/$1" ] || return 0
  commit=$(git subtree split -q --prefix="integrations/$1" HEAD)
  git init --quiet --bare --initial-branch=main "$folder/$2.git"
  git push --quiet --force "$folder/$2.git" \
    "$commit:refs/heads/main" "$commit:refs/tags/v$version"
  echo "$folder/$2.git"
}

export_one pre-commit sentinel-hooks
export_one github-action model-scan
export_one gitlab sentinel-gitlab
export_one jenkins sentinel-jenkins
