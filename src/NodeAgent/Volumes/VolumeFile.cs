namespace NodeAgent.Volumes;

/// <summary>A file that the node writes into a volume.</summary>
/// <param name="Mode">Permission bits, e.g. 0644 octal.</param>
/// <param name="Owner">User id; null for root.</param>
internal sealed record VolumeFile(byte[] Data, int Mode, long? Owner = null);

/// <summary>A volume cannot be made as asked; the message goes into a FailedMount event, in the kubelet's words.</summary>
internal sealed class VolumeException(string message) : Exception(message);
