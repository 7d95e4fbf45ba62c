using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>What the service proxy says.</summary>
internal static partial class ProxierLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Service rules written: {Changed} of {Services} Services, {Milliseconds:F1} ms")]
    public static partial void Synced(this ILogger log, int services, int changed, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Somebody else has changed the rules for Services; restored: {First}, and {More} more")]
    public static partial void ChangedByOthers(this ILogger log, KernelState.KernelChange first, int more);

    [LoggerMessage(Level = LogLevel.Error, Message = "Service rules could not be written; all of them will be compared and tried again")]
    public static partial void SyncFailed(this ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Left out: {Problem}")]
    public static partial void LeftOut(this ILogger log, ServiceProblem problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old UDP connections could not be forgotten; will be tried again")]
    public static partial void StaleFlowsKept(this ILogger log, Exception error);
}
