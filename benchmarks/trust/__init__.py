"""What trust costs: signing and verifying beside the reference implementation."""
