using System.Net;
using System.Text.Json;

namespace NodeAgent.PodNetwork;

/// <summary>
/// A file with the names of the other nodes by address, for `nodeagent state` alone: a route can say where it leads, but has no room for
/// the name of the Node object that it came from. Nothing depends on it.
/// </summary>
internal static class PeerNames
{
    public static string Place(string podsDirectory) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(podsDirectory))!, "peers.json");

    public static void Write(string podsDirectory, IReadOnlyList<Peer> peers)
    {
        var place = Place(podsDirectory);
        File.WriteAllText(place + ".new", JsonSerializer.Serialize(peers.ToDictionary(peer => peer.NodeAddress.ToString(), peer => peer.NodeName)));
        File.Move(place + ".new", place, overwrite: true);
    }

    /// <returns>Empty where there is no such file or it is damaged: the addresses tell as well.</returns>
    public static IReadOnlyDictionary<IPAddress, string> Read(string podsDirectory)
    {
        try
        {
            var names = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Place(podsDirectory))) ?? [];
            return names.Where(entry => IPAddress.TryParse(entry.Key, out _)).ToDictionary(entry => IPAddress.Parse(entry.Key), entry => entry.Value);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException) { return new Dictionary<IPAddress, string>(); }
    }

    /// <summary>No such file is fine.</summary>
    public static void Delete(string podsDirectory)
    {
        if (File.Exists(Place(podsDirectory))) File.Delete(Place(podsDirectory));
    }
}
