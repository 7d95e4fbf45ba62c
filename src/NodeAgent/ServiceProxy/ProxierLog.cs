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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} UDP connections that led to former endpoints of Services were ended; their next packets are led anew")]
    public static partial void StaleFlowsForgotten(this ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old UDP connections could not be forgotten; will be tried again")]
    public static partial void StaleFlowsKept(this ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Message}; will be tried again")]
    public static partial void HealthCheckFailed(this ILogger log, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection tracking table is nearly full: {Entries} of {Most} entries (net.netfilter.nf_conntrack_max)")]
    public static partial void ConntrackNearlyFull(this ILogger log, long entries, long most);

    [LoggerMessage(Level = LogLevel.Warning, Message = "How full the connection tracking table is cannot be read: {Error}")]
    public static partial void ConntrackUnreadable(this ILogger log, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "net.netfilter.nf_conntrack_max raised from {Limit} to {Wanted}")]
    public static partial void ConntrackRaised(this ILogger log, int limit, int wanted);

    [LoggerMessage(Level = LogLevel.Information, Message = "net.netfilter.nf_conntrack_max could not be raised to {Wanted}: {Error}")]
    public static partial void ConntrackNotRaised(this ILogger log, int wanted, string error);
}
