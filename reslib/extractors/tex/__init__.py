"""TeX: papers as their readers read them, and the names that TeX has for characters."""
