using System.Text.RegularExpressions;

namespace NodeAgent.Images;

/// <summary>
/// The keys of Docker's configuration file, and which images they are for (kubernetes.io/docs, images, "Interpretation of
/// config.json"): host and port as they are or with globs in a label, and a path that the repository begins with.
/// </summary>
internal static class RegistryKey
{
    /// <summary>Without scheme and API version: <c>https://index.docker.io/v1/</c> is <c>index.docker.io</c>.</summary>
    public static string Of(string written)
    {
        var rest = written;
        foreach (var scheme in new[] { "https://", "http://" })
            if (rest.StartsWith(scheme, StringComparison.Ordinal)) rest = rest[scheme.Length..];
        var slash = rest.IndexOf('/');
        var (host, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[slash..]);
        foreach (var version in new[] { "/v1", "/v2" })
            if (path == version || path.StartsWith(version + "/", StringComparison.Ordinal)) path = path[version.Length..];
        return host + path.TrimEnd('/');
    }

    /// <summary>The most specific first, each once, in the order in which they are to be tried.</summary>
    public static IReadOnlyList<RegistryCredential> Matching(IEnumerable<RegistryCredential> credentials, ImageName image) =>
        [.. credentials.Where(credential => Matches(credential.Key, image)).OrderByDescending(credential => credential.Key, StringComparer.Ordinal).Distinct()];

    public static bool Matches(string key, ImageName image)
    {
        if (image.Registry == "docker.io" && key == "index.docker.io") return true;
        var slash = key.IndexOf('/');
        var (host, path) = slash < 0 ? (key, "") : (key[..slash], key[(slash + 1)..]);
        return HostMatches(host, image.Registry) && image.Repository.StartsWith(path, StringComparison.Ordinal);
    }

    /// <summary>Label by label, so that <c>*.io</c> is not <c>*.example.io</c>; the port must be the same.</summary>
    private static bool HostMatches(string pattern, string host)
    {
        var (patternName, patternPort) = Split(pattern);
        var (name, port) = Split(host);
        var (globs, labels) = (patternName.Split('.'), name.Split('.'));
        return port == patternPort && globs.Length == labels.Length && globs.Zip(labels).All(pair => LabelMatches(pair.First, pair.Second));
    }

    private static (string Name, string Port) Split(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon < 0 ? (host, "") : (host[..colon], host[(colon + 1)..]);
    }

    /// <summary>A glob of a path element: <c>*</c>, <c>?</c> and <c>[a-z]</c>.</summary>
    private static bool LabelMatches(string glob, string label)
    {
        if (!glob.AsSpan().ContainsAny("*?[")) return glob == label;
        var form = Regex.Escape(glob).Replace(@"\*", ".*").Replace(@"\?", ".").Replace(@"\[", "[");
        try { return Regex.IsMatch(label, $@"^{form}\z", RegexOptions.NonBacktracking); }
        catch (ArgumentException) { return false; }
    }
}
