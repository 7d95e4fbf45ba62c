using KubeApi.Objects;

namespace NodeAgent.Streams;

/// <summary>How a command ended, as v4.channel.k8s.io and later tell it: a Status on the error stream.</summary>
internal static class RemoteStatus
{
    public static Status Success { get; } = new() { Metadata = new ListMeta(), Outcome = "Success" };

    public static Status Exited(int code) => code == 0 ? Success : new Status
    {
        Metadata = new ListMeta(), Outcome = "Failure", Reason = "NonZeroExitCode", Message = $"command terminated with non-zero exit code: exit status {code}",
        Details = new StatusDetails { Causes = [new StatusCause { Reason = "ExitCode", Message = $"{code}" }] },
    };

    public static Status Failed(string message) => new()
    {
        Metadata = new ListMeta(), Outcome = "Failure", Reason = "InternalError", Message = $"Internal error occurred: {message}",
        Details = new StatusDetails { Causes = [new StatusCause { Message = message }] }, Code = 500,
    };
}
