using System.Net;

namespace NodeAgent.PodNetwork;

/// <summary>
/// The range of pod addresses that the control plane gave this node, kept (<c>/var/lib/nodeagent/pod-cidr</c>) for a
/// start at which there is no control plane: static pods need addresses too.
/// </summary>
internal sealed class PodCidrFile(string path)
{
    /// <summary>Null where none was ever given.</summary>
    public IPNetwork? Read() => File.Exists(path) && IPNetwork.TryParse(File.ReadAllText(path).Trim(), out var range) ? range : null;

    public void Write(IPNetwork range)
    {
        if (Read() is { } known && known.Equals(range)) return;
        File.WriteAllText(path + ".tmp", $"{range}\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
