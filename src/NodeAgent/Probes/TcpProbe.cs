using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>A container that accepts a connection passes.</summary>
internal static class TcpProbe
{
    /// <exception cref="BadProbeException">There is no such port.</exception>
    public static async Task<ProbeOutcome> Check(TCPSocketAction action, Container container, string address, CancellationToken cancel)
    {
        try
        {
            using var connection = await Dialer.Connect(string.IsNullOrEmpty(action.Host) ? address : action.Host, ProbePort.Resolve(action.Port, container), cancel);
            return ProbeOutcome.Success();
        }
        catch (DialException e) { return ProbeOutcome.Failure(e.Message); }
    }
}
