namespace ControlPlane.Registry.Services;

/// <summary>
/// The ports that nodes keep for Services. A number is allocated for one protocol: DNS may have the same one for TCP
/// and UDP. Not safe for concurrent use.
/// </summary>
internal sealed class NodePortRange(int first, int last)
{
    private readonly Dictionary<string, Bitmap> taken = new();

    /// <summary>Null, or why the port cannot be had.</summary>
    public string? Take(int port, string protocol) =>
        port < first || port > last ? $"provided port is not in the valid range. The range of valid ports is {first}-{last}"
        : Of(protocol).Take(port - first) ? null : "provided port is already allocated";

    /// <summary>A port that is free for every protocol, so that nobody is surprised; null where there is none.</summary>
    public int? TakeAny(string protocol)
    {
        var size = last - first + 1;
        var start = Random.Shared.Next(size);
        for (var i = 0; i < size; i++)
        {
            var place = (start + i) % size;
            if (taken.Values.Any(bitmap => bitmap[place])) continue;
            Of(protocol).Take(place);
            return first + place;
        }
        return null;
    }

    public void Release(int port, string protocol)
    {
        if (port >= first && port <= last) Of(protocol).Release(port - first);
    }

    private Bitmap Of(string protocol) => taken.TryGetValue(protocol, out var bitmap) ? bitmap : taken[protocol] = new Bitmap(last - first + 1);
}
