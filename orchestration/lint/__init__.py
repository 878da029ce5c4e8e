"""Static checks on the code of the project; nothing here reads data or opens the warehouse."""
