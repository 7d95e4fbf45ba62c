namespace ControlPlane.Registry;

/// <summary>Every kind that is served, with its rules: each class of this program that is a <see cref="KindRegistry"/>.</summary>
internal static class Kinds
{
    /// <summary>By group and name, the core group first; of two versions the preferred one first.</summary>
    public static IReadOnlyList<KindRegistry> All { get; } = typeof(Kinds).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(KindRegistry)) && !type.IsAbstract)
        .Select(type => (KindRegistry)Activator.CreateInstance(type)!)
        .OrderBy(kind => kind.Resource.Group, StringComparer.Ordinal).ThenBy(kind => kind.Resource.Plural, StringComparer.Ordinal)
        .ThenBy(kind => kind.Resource.Version, StringComparer.Ordinal).ToList();

    /// <summary>The kinds whose objects are kept under their own name: no reviews, no second views of another kind.</summary>
    public static IReadOnlyList<KindRegistry> Stored { get; } = All.Where(kind => kind.IsStored).ToList();

    private static readonly Dictionary<(string Group, string Version, string Plural), KindRegistry> ByPath =
        All.ToDictionary(kind => (kind.Resource.Group, kind.Resource.Version, kind.Resource.Plural));

    /// <summary>The rules of a resource by its place in the URL; null where none is served there.</summary>
    public static KindRegistry? Find(string group, string version, string plural) => ByPath.GetValueOrDefault((group, version, plural));
}
