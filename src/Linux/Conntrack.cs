using System.Globalization;

namespace Linux;

/// <summary>
/// One direction-independent view of a tracked connection: where its first packet went before NAT, and who answers after NAT. Addresses as text.
/// </summary>
public sealed record ConntrackFlow(string Protocol, string Destination, int DestinationPort, string ReplySource, int ReplySourcePort);

/// <summary>The connection tracking table of this process' network namespace, through conntrack(8) (Debian package: conntrack).</summary>
/// <param name="run">Null = here.</param>
public sealed class Conntrack(RunProgram? run = null)
{
    private readonly RunProgram run = run ?? Iptables.RunHere;

    /// <exception cref="CommandException">The kernel or the program refused.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no conntrack program.</exception>
    public async Task<IReadOnlyList<ConntrackFlow>> List(string protocol, CancellationToken cancel = default) =>
        (await Run(["-L", "-f", "ipv4", "-p", protocol], cancel)).Split('\n').Select(line => Parse(protocol, line)).OfType<ConntrackFlow>().ToList();

    /// <summary>Forgets every connection that looks like this one, whoever its client is; none is fine.</summary>
    public Task Delete(ConntrackFlow flow, CancellationToken cancel = default) => Run([
        "-D", "-f", "ipv4", "-p", flow.Protocol, "--orig-dst", flow.Destination, "--orig-port-dst", Number(flow.DestinationPort),
        "--reply-src", flow.ReplySource, "--reply-port-src", Number(flow.ReplySourcePort)], cancel);

    /// <summary>A line: "udp 17 29 src=A dst=B sport=1 dport=2 [UNREPLIED] src=C dst=D sport=3 dport=4 …": the tuple of each direction.</summary>
    internal static ConntrackFlow? Parse(string protocol, string line)
    {
        string? Field(string name, int which) => line.Split(' ').Where(word => word.StartsWith(name + "=", StringComparison.Ordinal))
            .Skip(which).FirstOrDefault()?[(name.Length + 1)..];
        return Field("dst", 0) is { } destination && Field("src", 1) is { } source
            && int.TryParse(Field("dport", 0), CultureInfo.InvariantCulture, out var port) && int.TryParse(Field("sport", 1), CultureInfo.InvariantCulture, out var sourcePort)
            ? new(protocol, destination, port, source, sourcePort) : null;
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task<string> Run(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var result = await run("conntrack", arguments, null, cancel);
        // Nothing to delete counts as a failure to the program: "conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted."
        return result.ExitCode == 0 || result.Error.Contains("0 flow entries have been deleted") ? result.Output
            : throw new CommandException($"conntrack {string.Join(' ', arguments)}", result);
    }
}
