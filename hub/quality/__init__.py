"""Quality (质量): scores per dataset, department and dimension, each with an owner, a next step and how it is calculated."""
