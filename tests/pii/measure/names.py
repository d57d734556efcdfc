"""The border between the detector's names of types and this measure's.

A name that is not here is the same on both sides.
"""

from __future__ import annotations

# The detector's names by this measure's: all of them are right for such a value.
RIGHT: dict[str, frozenset[str]] = {
    ours: frozenset(names.split())
    for ours, names in {
        "AWS_ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID AWS_ACCESS_KEY AWS_KEY_ID AWS_KEY",
        "AWS_SECRET_KEY": "AWS_SECRET_KEY AWS_SECRET_ACCESS_KEY AWS_SECRET",
        "GCP_API_KEY": "GCP_API_KEY GOOGLE_API_KEY",
        "AZURE_STORAGE_KEY": "AZURE_STORAGE_KEY AZURE_STORAGE AZURE_KEY",
        "AZURE_OPENAI_KEY": "AZURE_OPENAI_KEY AZURE_OPENAI AZURE_KEY AZURE_AI_KEY",
        "HF_TOKEN": "HF_TOKEN HUGGINGFACE_TOKEN",
        "OPENAI_KEY": "OPENAI_KEY OPENAI_API_KEY OPENAI_TOKEN",
        "ANTHROPIC_KEY": "ANTHROPIC_KEY ANTHROPIC_API_KEY ANTHROPIC_TOKEN",
        "WANDB_KEY": "WANDB_KEY WANDB_API_KEY WANDB_TOKEN",
        "DATABRICKS_TOKEN": "DATABRICKS_TOKEN DATABRICKS_KEY",
        "REPLICATE_TOKEN": "REPLICATE_TOKEN REPLICATE_KEY REPLICATE_API_TOKEN",
        "GROQ_KEY": "GROQ_KEY GROQ_API_KEY GROQ_TOKEN",
        "COHERE_KEY": "COHERE_KEY COHERE_API_KEY COHERE_TOKEN",
        "PINECONE_KEY": "PINECONE_KEY PINECONE_API_KEY PINECONE_TOKEN",
        "LANGSMITH_KEY": "LANGSMITH_KEY LANGSMITH_API_KEY LANGSMITH_TOKEN",
        "NVIDIA_KEY": "NVIDIA_KEY NVIDIA_API_KEY NGC_KEY NGC_API_KEY NVIDIA_TOKEN",
        "GITLAB_TOKEN": "GITLAB_TOKEN GITLAB_PAT",
        "GITHUB_TOKEN": "GITHUB_TOKEN GITHUB_PAT",
        "SLACK_TOKEN": "SLACK_TOKEN SLACK_KEY",
        "SLACK_WEBHOOK": "SLACK_WEBHOOK SLACK_WEBHOOK_URL SLACK_TOKEN WEBHOOK_URL",
        "STRIPE_KEY": "STRIPE_KEY STRIPE_API_KEY STRIPE_TOKEN",
        "TELEGRAM_TOKEN": "TELEGRAM_TOKEN TELEGRAM_BOT_TOKEN",
        "SENDGRID_KEY": "SENDGRID_KEY SENDGRID_API_KEY SENDGRID_TOKEN",
        "JWT": "JWT NEPTUNE_TOKEN NEPTUNE_KEY NEPTUNE_API_TOKEN",
        "PRIVATE_KEY": "PRIVATE_KEY PEM_PRIVATE_KEY PPK",
        "DB_URL": "DB_URL DATABASE_URL DB_URL_PASSWORD URL_PASSWORD BASIC_AUTH_URL URL_CREDENTIALS",
        "GENERIC_SECRET": "GENERIC_SECRET PASSWORD SECRET GENERIC_PASSWORD",
        "IP": "IP IP_ADDRESS PUBLIC_IP",
        "MAC": "MAC MAC_ADDRESS",
        "DOB": "DOB DATE_OF_BIRTH",
        "GPS": "GPS GPS_COORDINATE GPS_COORDINATES LOCATION COORDINATES",
        "PHONE": "PHONE PHONE_NUMBER",
        "EMAIL": "EMAIL EMAIL_ADDRESS AUTHOR_EMAIL",
        "PERSON": "PERSON PERSON_NAME NAME",
        "STREET_ADDRESS": "STREET_ADDRESS ADDRESS",
        "IBAN": "IBAN IBAN_CODE",
        "MRN": "MRN MEDICAL_RECORD",
        "DRIVER_LICENSE": "DRIVER_LICENSE DRIVERS_LICENSE US_DRIVER_LICENSE UK_DRIVER_LICENSE",
        "PASSPORT": "PASSPORT US_PASSPORT UK_PASSPORT PASSPORT_NUMBER",
        "CRYPTO_ADDRESS": "CRYPTO_ADDRESS CRYPTO",
        "ES_DNI": "ES_DNI ES_NIF",
        "ES_NIE": "ES_NIE ES_NIF",
        "IT_CF": "IT_CF IT_FISCAL_CODE",
        "UK_NHS": "UK_NHS UK_NHS_NUMBER",
        "LICENSE_PLATE": "LICENSE_PLATE PLATE",
    }.items()
}
# Types whose shape is a provider's own or carries a check: what ``structured`` sums up.
STRUCTURED = frozenset(
    {
        "EMAIL", "CREDIT_CARD", "IBAN", "US_SSN", "PHONE", "UK_NINO", "UK_NHS", "DE_TAX_ID",
        "FR_NIR", "ES_DNI", "ES_NIE", "IT_CF", "IN_AADHAAR", "IN_PAN", "BR_CPF", "CN_RIC",
        "PL_PESEL", "NL_BSN", "CA_SIN", "CRYPTO_ADDRESS", "IP", "MAC",
    }
)  # fmt: skip
SOFT = frozenset(
    {
        "PASSPORT", "DRIVER_LICENSE", "MRN", "DOB", "STREET_ADDRESS", "GPS", "LICENSE_PLATE",
        "PERSON",
    }
)  # fmt: skip


def right(label: str, found: str) -> bool:
    """Return True when ``found`` is a right name for a value of type ``label``."""
    return found in RIGHT.get(label, (label,))


def family(label: str) -> str:
    """Return the part of the table in which a type is summed up."""
    if label in STRUCTURED:
        return "structured"
    return "soft" if label in SOFT else "secrets"
