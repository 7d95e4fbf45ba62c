namespace Lab;

/// <summary>What the user of the lab can mend, in words for that user; the command ends with exit code 1.</summary>
internal sealed class LabException(string message) : Exception(message);
