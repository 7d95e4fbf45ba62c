namespace ControlPlane.Registry.Services;

/// <summary>
/// The ports that nodes keep for Services, health-check ports among them. A number belongs to one Service, which may use
/// it for several protocols. Automatic choices come from the upper part, so that ports asked for by number, usually low
/// ones, seldom clash (KEP-3668). Not safe for concurrent use.
/// </summary>
internal sealed class NodePortRange
{
    private readonly int first, last;
    private readonly Bitmap taken;

    /// <exception cref="FormatException">No range of ports.</exception>
    public NodePortRange(int first, int last)
    {
        if (first < 1 || last > 65535 || first > last) throw new FormatException($"node port range \"{first}-{last}\": must be two ports, such as 30000-32767");
        (this.first, this.last) = (first, last);
        taken = new Bitmap(last - first + 1);
    }

    /// <param name="text">FIRST-LAST, as of <c>--service-node-port-range</c>.</param>
    /// <exception cref="FormatException">It is not that.</exception>
    public static (int First, int Last) Parse(string text)
    {
        var dash = text.IndexOf('-');
        if (dash < 0 || !ushort.TryParse(text[..dash], out var first) || !ushort.TryParse(text[(dash + 1)..], out var last) || first < 1 || first > last)
            throw new FormatException($"{text}: not a range of ports such as 30000-32767");
        return (first, last);
    }

    /// <summary>How many of the lowest ports are chosen automatically only when no other is left.</summary>
    private int Static => taken.Size <= 16 ? 0 : Math.Min(Math.Max(16, taken.Size / 32), 128);

    /// <summary>Null, or why the port cannot be had.</summary>
    public string? Take(int port) =>
        port < first || port > last ? $"provided port is not in the valid range. The range of valid ports is {first}-{last}"
        : taken.Take(port - first) ? null : "provided port is already allocated";

    /// <summary>A free port; null where there is none.</summary>
    public int? TakeAny()
    {
        var start = Random.Shared.Next(Math.Min(Static, taken.Size - 1), taken.Size);
        var free = taken.NextFree(Static, taken.Size, start) ?? (Static == 0 ? null : taken.NextFree(0, Static, 0));
        if (free is not { } place) return null;
        taken.Take(place);
        return first + place;
    }

    public void Release(int port)
    {
        if (port >= first && port <= last) taken.Release(port - first);
    }
}
