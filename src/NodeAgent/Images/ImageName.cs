using System.Text.RegularExpressions;

namespace NodeAgent.Images;

/// <summary>
/// The full name of an image: registry/repository:tag, registry/repository@digest or both (distribution/reference).
/// <c>nginx</c> is short for <c>docker.io/library/nginx:latest</c>.
/// </summary>
internal sealed partial record ImageName(string Registry, string Repository, string? Tag, string? Digest)
{
    /// <exception cref="FormatException">The text is no image name.</exception>
    public static ImageName Parse(string text)
    {
        var (rest, digest) = Cut(text, text.IndexOf('@'));
        var colon = rest.LastIndexOf(':');
        var (name, tag) = Cut(rest, colon > rest.LastIndexOf('/') ? colon : -1);
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash];
        var hasRegistry = first.Contains('.') || first.Contains(':') || first == "localhost";
        var registry = hasRegistry ? first : "docker.io";
        var repository = hasRegistry ? name[(slash + 1)..] : name;
        if (registry == "index.docker.io") registry = "docker.io";
        if (registry == "docker.io" && !repository.Contains('/')) repository = $"library/{repository}";
        if (!RegistryForm().IsMatch(registry) || !RepositoryForm().IsMatch(repository) || tag is not null && !TagForm().IsMatch(tag) || digest is not null && !DigestForm().IsMatch(digest))
            throw new FormatException($"couldn't parse image name \"{text}\": invalid reference format{(HasUpperCase(repository) ? $": repository name ({repository}) must be lowercase" : "")}");
        return new ImageName(registry, repository, tag ?? (digest is null ? "latest" : null), digest);
    }

    /// <summary>As it stands in a store's index and as registries are asked for it.</summary>
    public override string ToString() => Digest is null ? $"{Registry}/{Repository}:{Tag}" : $"{Registry}/{Repository}@{Digest}";

    private static bool HasUpperCase(string repository) => repository != repository.ToLowerInvariant() && RepositoryForm().IsMatch(repository.ToLowerInvariant());

    private static (string, string?) Cut(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?\z")]
    private static partial Regex RegistryForm();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryForm();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagForm();

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestForm();
}
