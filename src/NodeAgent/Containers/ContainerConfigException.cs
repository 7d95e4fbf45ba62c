namespace NodeAgent.Containers;

/// <summary>A container cannot be described or made as asked; reason and message go into its waiting state.</summary>
/// <param name="reason">CreateContainerConfigError for what the kubelet itself finds, CreateContainerError for what its container runtime would.</param>
internal sealed class ContainerConfigException(string message, string reason = "CreateContainerConfigError") : Exception(message)
{
    public string Reason => reason;
}
