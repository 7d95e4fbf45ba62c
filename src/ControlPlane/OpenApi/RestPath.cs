using ControlPlane.Registry;
using KubeApi;

namespace ControlPlane.OpenApi;

/// <summary>What a path stands for: one object (or a part of it), the objects of a namespace or of a cluster-wide kind, or those of all namespaces.</summary>
internal enum PathScope { Object, Collection, AllNamespaces }

/// <summary>One path of the REST API with what can be done there.</summary>
/// <param name="Kind">The resource whose path this is.</param>
/// <param name="Subresource">Empty for the resource itself.</param>
/// <param name="Body">The kind that travels.</param>
internal sealed record RestPath(string Path, PathScope Scope, Resource Kind, string Subresource, Resource Body, IReadOnlyList<RestOperation> Operations)
{
    private bool NamespaceInPath => Kind.Namespaced && Scope != PathScope.AllNamespaces;

    /// <summary>The parameters in braces.</summary>
    public IEnumerable<Parameter> Parameters =>
        [.. Scope == PathScope.Object ? [Parameter.Name(Kind.Kind)] : Array.Empty<Parameter>(), .. NamespaceInPath ? [Parameter.Namespace] : Array.Empty<Parameter>(), Parameter.Pretty];

    /// <summary>The unique name of an operation as client generators know it, e.g. <c>listCoreV1NamespacedPod</c>.</summary>
    public string OperationId(RestOperation operation)
    {
        var verb = operation.Action switch { "get" => "read", "post" => "create", "put" => "replace", "deletecollection" => "delete", var action => action };
        var subject = (NamespaceInPath ? "Namespaced" : "") + Kind.Kind + (Subresource.Length > 0 ? Capital(Subresource) : "");
        return verb + GroupName + Capital(Kind.Version) + (operation.Action == "deletecollection" ? "Collection" : "") + subject
            + (Scope == PathScope.AllNamespaces ? "ForAllNamespaces" : "");
    }

    /// <summary>Under which client generators gather the operations, e.g. <c>core_v1</c>, <c>rbacAuthorization_v1</c>.</summary>
    public string Tag => $"{char.ToLowerInvariant(GroupName[0])}{GroupName[1..]}_{Kind.Version}";

    /// <summary>Every path under a group version, or under all.</summary>
    public static IEnumerable<RestPath> All(string? apiVersion = null) =>
        Kinds.All.Where(kind => apiVersion is null || kind.Resource.ApiVersion == apiVersion).SelectMany(Of).OrderBy(path => path.Path, StringComparer.Ordinal);

    private static IEnumerable<RestPath> Of(KindRegistry kind)
    {
        var r = kind.Resource;
        var collection = r.Path("{namespace}");
        if (r.Namespaced && kind.Verbs.Contains("list")) yield return new RestPath(r.Path(), PathScope.AllNamespaces, r, "", r, [RestOperation.List]);
        yield return new RestPath(collection, PathScope.Collection, r, "", r, RestOperation.OfCollection(kind.Verbs));
        if (RestOperation.OfObject(kind.Verbs) is { Count: > 0 } ofObject) yield return new RestPath($"{collection}/{{name}}", PathScope.Object, r, "", r, ofObject);
        // What is passed on to a node or pod has no schema to tell of.
        foreach (var part in kind.Subresources.Where(part => !part.Body.Type.IsSubclassOf(typeof(KubeApi.Objects.ConnectOptions))))
            yield return new RestPath($"{collection}/{{name}}/{part.Name}", PathScope.Object, r, part.Name, part.Body, RestOperation.OfSubresource(part.Verbs));
    }

    /// <summary><c>Core</c>, <c>Apps</c>, <c>RbacAuthorization</c>: the labels of the group without <c>k8s.io</c>.</summary>
    private string GroupName => Kind.Group.Length == 0 ? "Core" : string.Concat(Kind.Group.Replace(".k8s.io", "").Split('.').Select(Capital));

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}

/// <summary>One HTTP method on a path.</summary>
/// <param name="Method">In lower case.</param>
/// <param name="Action">The extension x-kubernetes-action: get, list, post, put, patch, delete, deletecollection.</param>
internal sealed record RestOperation(string Method, string Action)
{
    public static RestOperation List { get; } = new("get", "list");

    private static readonly RestOperation Post = new("post", "post");

    public static IReadOnlyList<RestOperation> OfCollection(IReadOnlyList<string> verbs) => Of(verbs, ("list", List), ("create", Post), ("deletecollection", new("delete", "deletecollection")));

    public static IReadOnlyList<RestOperation> OfObject(IReadOnlyList<string> verbs) =>
        Of(verbs, ("get", new("get", "get")), ("update", new("put", "put")), ("delete", new("delete", "delete")), ("patch", new("patch", "patch")));

    public static IReadOnlyList<RestOperation> OfSubresource(IReadOnlyList<string> verbs) => [.. OfObject(verbs), .. Of(verbs, ("create", Post))];

    private static List<RestOperation> Of(IReadOnlyList<string> verbs, params IEnumerable<(string Verb, RestOperation Operation)> operations) =>
        operations.Where(entry => verbs.Contains(entry.Verb)).Select(entry => entry.Operation).ToList();
}
