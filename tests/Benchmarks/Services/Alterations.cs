using System.Net;
using NodeAgent.ServiceProxy;

namespace Benchmarks.Services;

/// <summary>What somebody does by hand to the rules of <see cref="MadeUpServices"/> in one node.</summary>
internal sealed class Alterations
{
    private readonly Space node;
    private readonly ProxyMode mode;
    private readonly IReadOnlyDictionary<IPAddress, IReadOnlyList<string>> commands;

    private Alterations(Space node, ProxyMode mode, IReadOnlyDictionary<IPAddress, IReadOnlyList<string>> commands) => (this.node, this.mode, this.commands) = (node, mode, commands);

    /// <summary>Reads which rule or element leads to which endpoint. They come back as they are, so once is enough.</summary>
    public static async Task<Alterations> Of(Space node, ProxyMode mode, CancellationToken cancel) => new(node, mode, mode == ProxyMode.Nftables
        ? Elements(await node.Run("nft", ["list", "map", "ip", "na", "fe-endpoints"], cancel: cancel))
        : Rules(await node.Run("iptables-nft", ["-w", "-t", "nat", "-S"], cancel: cancel)));

    /// <summary>Deletes what leads new connections to this endpoint.</summary>
    /// <exception cref="KeyNotFoundException">There is nothing.</exception>
    public Task Delete(IPAddress endpoint, CancellationToken cancel) => mode == ProxyMode.Nftables
        ? node.Run("nft", ["delete", "element", "ip", "na", "fe-endpoints", .. commands[endpoint]], cancel: cancel)
        : node.Run("iptables-nft", ["-w", "-t", "nat", "-D", .. commands[endpoint]], cancel: cancel);

    /// <summary>Deletes all that there is, in one transaction.</summary>
    public Task Flush(CancellationToken cancel) => node.Run("nft", ["flush", "ruleset"], cancel: cancel);

    /// <summary>Of lines "-A CHAIN … -j DNAT --to-destination ADDRESS:PORT": what follows -A.</summary>
    private static Dictionary<IPAddress, IReadOnlyList<string>> Rules(string saved)
    {
        const string target = "--to-destination ";
        var found = new Dictionary<IPAddress, IReadOnlyList<string>>();
        foreach (var line in saved.Split('\n'))
            if (line.LastIndexOf(target, StringComparison.Ordinal) is > 0 and var at && IPEndPoint.TryParse(line[(at + target.Length)..].Trim(), out var to)) found[to.Address] = Words(line)[1..];
        return found;
    }

    /// <summary>Of "10.96.16.1 . tcp . 80 . 0 comment "…" : 10.129.0.1 . 8080, …": the key in braces.</summary>
    private static Dictionary<IPAddress, IReadOnlyList<string>> Elements(string listed)
    {
        var found = new Dictionary<IPAddress, IReadOnlyList<string>>();
        var body = listed[(listed.IndexOf("elements = {", StringComparison.Ordinal) + "elements = {".Length)..];
        foreach (var element in body.Split([',', '}'], StringSplitOptions.TrimEntries))
        {
            if (element.LastIndexOf(" : ", StringComparison.Ordinal) is not (> 0 and var at)) continue;
            var key = element[..at].Split(" comment ")[0];
            found[IPAddress.Parse(element[(at + 3)..].Split(' ')[0])] = ["{", key, "}"];
        }
        return found;
    }

    /// <summary>At blanks, but for those within double quotes.</summary>
    private static string[] Words(string line) => [.. line.Split('"').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
