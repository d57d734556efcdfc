"""Why something was not trusted: every reason code, with what it means in one sentence."""

from __future__ import annotations

REASONS: dict[str, str] = {
    # what is read
    "too-large": "The document is larger than anything of its kind has reason to be.",
    "json-invalid": "The document is not JSON in UTF-8.",
    "json-duplicate-key": "An object of the document has the same key twice.",
    "json-depth": "The document is nested too deeply.",
    "json-number": "The document has a number that JSON does not have.",
    "json-text": "The document has text that is not Unicode.",
    "base64-invalid": "Something is not base64, or not in its one canonical form.",
    "envelope-invalid": "The envelope is not a DSSE envelope.",
    "empty-payload": "The envelope has nothing in it that could have been signed.",
    "no-signature": "There is no signature: none was made, or it was taken away.",
    "payload-type": "The envelope says that it holds something other than an in-toto statement.",
    "bundle-invalid": "The file is not a Sigstore bundle of version 0.3 with one envelope.",
    "statement-invalid": "What was signed is not an in-toto statement of version 1.",
    "predicate-type": "The statement is about something other than what was asked for.",
    # who signed
    "bad-signature": "No signature of the envelope was made with the key that is trusted.",
    "threshold": "Fewer of the trusted keys have signed than must have.",
    "wrong-key": "The signature was made with another key than the one that is trusted.",
    "wrong-method": "The signature was made by another method than the one that is trusted.",
    "key-invalid": "The file is not a key of a kind that is used here.",
    "key-encrypted": "The private key is encrypted and the password is missing or wrong.",
    "key-file-permissions": "The private key can be read by others than its owner.",
    "key-inside-model": "The private key lies inside the model that is signed.",
    "key-service": "The service or token that holds the key did not sign.",
    "certificate-invalid": "The certificate cannot be read or is not one that signs.",
    "certificate-expired": "A certificate of the chain is no longer valid.",
    "certificate-not-yet-valid": "A certificate of the chain is not valid yet.",
    "certificate-usage": "The certificate was not issued for signing code.",
    "certificate-subject": "The certificate was issued to someone else.",
    "certificate-untrusted": "The certificate does not lead to any root that was given.",
    "identity": "The keyless signature cannot be verified, or belongs to another identity.",
    # what was signed
    "signature-format": "The statement is not what OpenSSF Model Signing version 1.0 says.",
    "digest-mismatch": "A file is not the one that was signed.",
    "missing-file": "A file that was signed is not there.",
    "unsigned-file": "A file is there that was not signed.",
    "empty-directory": "A directory without files is there, which no signature covers.",
    "symlink": "A link is there, and what it leads to is not what was signed.",
    "special-file": "Something is there that is neither a file nor a directory.",
    "name-invalid": "A name cannot be a file of a model.",
    "ignored-model-file": "The list of what is not signed covers a model file or code.",
    "file-changed": "A file changed while it was read.",
    "unreadable": "A file could not be read.",
    "too-many-files": "There are more files than a model has.",
    "blob-mismatch": "A blob of the download cache is not the one its name says.",
    "outside-cache": "A link of the snapshot leads out of its repository's blobs.",
}
"""Reason codes and their meaning. Every TrustError bears one of these."""
