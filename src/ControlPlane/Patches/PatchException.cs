namespace ControlPlane.Patches;

/// <summary>A patch that cannot be applied: malformed, or its tests or paths do not hold for the object.</summary>
internal sealed class PatchException(string message) : Exception(message);
