using NodeAgent.KernelState;

namespace NodeAgent.PodNetwork;

/// <summary>Steps of this network in the words that all parts share. Pure.</summary>
internal static class NetworkDrift
{
    /// <summary>The kinds of more than one word.</summary>
    private static readonly string[] LongKinds = ["forwarding entry", "tunnel entry"];

    /// <summary>
    /// Which of these steps undo what others did: what was right when it was looked at last. The rest follows from another desired state. A
    /// pod's things are made by its connection and never by a comparison.
    /// </summary>
    /// <param name="before">Null = it was never looked at.</param>
    public static IEnumerable<NetworkChange> Among(IReadOnlyList<NetworkChange> changes, DesiredNetwork desired, ObservedNetwork? before)
    {
        if (changes.Count == 0 || before is null) return [];
        var due = NetworkDiff.Between(desired, before, orphans: true).ToHashSet();
        return changes.Where(change => change is ReconnectPod or SetForwarding or SetNeighbor || !due.Contains(change));
    }

    /// <summary>A step says first what it does, then to what kind of thing.</summary>
    public static KernelChange Of(NetworkChange change)
    {
        var line = change.ToString();
        line = line[..line.LastIndexOf("  ←  ", StringComparison.Ordinal)];
        if (change is ReconnectPod(var port)) return new(ChangeAction.Add, new("link", $"{port.LinkName} with {port.Address}", change.Source));
        var (verb, rest) = (line[..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..]);
        if (rest.StartsWith("orphan ", StringComparison.Ordinal)) rest = rest["orphan ".Length..];
        var kind = LongKinds.FirstOrDefault(kind => rest.StartsWith(kind, StringComparison.Ordinal)) ?? rest[..rest.IndexOf(' ')];
        return new(Action(verb, change), new(kind, rest[(kind.Length + 1)..], change.Source));
    }

    /// <summary>An entry is set where it is missing, as a rule.</summary>
    private static ChangeAction Action(string verb, NetworkChange change) => verb switch
    {
        "add" => ChangeAction.Add,
        "delete" => ChangeAction.Delete,
        _ => change is SetForwarding or SetNeighbor or SetTunnel or SetTunnelNeighbor ? ChangeAction.Add : ChangeAction.Change,
    };
}
