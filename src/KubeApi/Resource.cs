using System.Collections.Concurrent;
using System.Reflection;
using KubeApi.Objects;
using KubeApi.Schema;

namespace KubeApi;

/// <summary>A kind and its place in the API: group, version, plural name, scope. Read from the record's <see cref="KindAttribute"/>.</summary>
public sealed record Resource(Type Type, string Group, string Version, string Kind, string Plural, bool Namespaced,
    IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories)
{
    private static readonly ConcurrentDictionary<Type, Resource> Known = new();

    public static Resource Of<T>() where T : KubeObject => Of(typeof(T));

    /// <exception cref="ArgumentException">The type carries no <see cref="KindAttribute"/>.</exception>
    public static Resource Of(Type type) => Known.GetOrAdd(type, static type =>
    {
        var kind = type.GetCustomAttribute<KindAttribute>() ?? throw new ArgumentException($"{type} is not a kind");
        return new Resource(type, kind.Group, kind.Version, kind.Kind, kind.Plural, kind.Namespaced, Split(kind.ShortNames), Split(kind.Categories));
    });

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>pods</c> or <c>deployments.apps</c>, as error messages name a resource.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>URL path of the collection or, with a name, of one object. An empty namespace means all namespaces.</summary>
    public string Path(string ns = "", string? name = null, string? subresource = null)
    {
        var path = (Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}")
            + (Namespaced && ns.Length > 0 ? $"/namespaces/{ns}" : "") + $"/{Plural}";
        if (name is not null) path += $"/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
