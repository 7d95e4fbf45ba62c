using ControlPlane.Registry;
using ControlPlane.Registry.Validation;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Which objects of a resource a list, watch or deletecollection is about.</summary>
internal sealed class ListFilter
{
    private readonly KindRegistry kind;
    private readonly Selector labels;
    private readonly FieldSelector fields;

    private ListFilter(KindRegistry kind, string ns, string? name, Selector labels, FieldSelector fields)
    {
        (this.kind, Namespace, Name, this.labels, this.fields) = (kind, ns, name ?? fields.Required("metadata.name"), labels, fields);
    }

    /// <summary>Empty for all.</summary>
    public string Namespace { get; }

    /// <summary>Null unless the selector names one object.</summary>
    public string? Name { get; }

    public bool HasSelector => !labels.IsEverything || fields.Clauses.Count > 0;

    /// <summary>Nothing outside of it matches.</summary>
    public WatchScope Scope => new(kind.Resource.QualifiedName, Namespace, Name, fields.Required("spec.nodeName"));

    /// <exception cref="StatusException">A selector is malformed or names a field that cannot be selected.</exception>
    public static ListFilter Of(ApiRequest request)
    {
        try
        {
            var labels = Selector.Parse(request.Query("labelSelector"));
            foreach (var requirement in labels.Requirements) Check(requirement);
            var fields = FieldSelector.Parse(request.Query("fieldSelector"));
            foreach (var clause in fields.Clauses) Check(request.View, clause.Path);
            fields = fields.WithPaths(request.View.StoredField);
            if (request.Name.Length > 0 && fields.Required("metadata.name") is { } other && other != request.Name)
                throw StatusException.BadRequest("fieldSelector metadata.name doesn't match requested name");
            return new ListFilter(request.Kind, request.Namespace, request.Name.Length > 0 ? request.Name : null, labels, fields);
        }
        catch (FormatException e)
        {
            throw StatusException.BadRequest(e.Message);
        }
    }

    private static void Check(LabelRequirement requirement)
    {
        if (Names.QualifiedName(requirement.Key) is { } problem)
            throw StatusException.BadRequest($"unable to parse requirement: <nil>: Invalid value: \"{requirement.Key}\": {problem}");
        for (var i = 0; i < requirement.Values.Count; i++)
            if (Names.LabelValue(requirement.Values[i]) is { } wrong)
                throw StatusException.BadRequest($"unable to parse requirement: values[{i}][{requirement.Key}]: Invalid value: \"{requirement.Values[i]}\": {wrong}");
    }

    private static void Check(KindRegistry kind, string path)
    {
        if (path is "metadata.name" or "metadata.namespace" || kind.SelectableFields.Contains(path)) return;
        throw StatusException.BadRequest(kind.SelectableFields.Count > 0 ? $"field label not supported: {path}"
            : $"\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }

    public bool Matches(StoredObject obj) =>
        (Namespace.Length == 0 || obj.Key.Namespace == Namespace) && (Name is null || obj.Key.Name == Name)
        && (!HasSelector || (kind.IsNumerous ? MatchesFacts(obj) : MatchesObject(obj)));

    private bool MatchesObject(StoredObject obj) =>
        labels.Matches(obj.Object.Metadata.Labels) && (fields.Clauses.Count == 0 || fields.Matches(path => Field(obj.Object, path)));

    /// <summary>Without making the object of its JSON, but for the first time.</summary>
    private bool MatchesFacts(StoredObject obj)
    {
        var facts = obj.Facts ??= new SelectionFacts(LabelSet.Of(obj.Object.Metadata.Labels), [.. kind.SelectableFields.Select(path => kind.SelectableField(obj.Object, path))]);
        return labels.Matches(facts.Labels) && (fields.Clauses.Count == 0 || fields.Matches(path => path switch
        {
            "metadata.name" => obj.Key.Name,
            "metadata.namespace" => obj.Key.Namespace,
            _ => facts.Fields[IndexOf(kind.SelectableFields, path)],
        }));
    }

    private static int IndexOf(IReadOnlyList<string> paths, string path)
    {
        for (var i = 0; i < paths.Count; i++)
            if (paths[i] == path) return i;
        throw new ArgumentException($"{path} is not selectable");
    }

    /// <summary>In order, from a consistent state.</summary>
    public IEnumerable<StoredObject> Select(StoreSnapshot snapshot)
    {
        var resource = kind.Resource.QualifiedName;
        if (Name is not null && (Namespace.Length > 0 || !kind.Resource.Namespaced))
            return snapshot.Get(new StoreKey(resource, Namespace, Name)) is { } one && Matches(one) ? [one] : [];
        if (Scope is { Resource: "pods", Node: { Length: > 0 } node }) return snapshot.PodsOn(node).Where(Matches);
        var all = snapshot.List(resource, Namespace);
        return HasSelector || Name is not null ? all.Where(Matches) : all;
    }

    private string? Field(KubeObject obj, string path) => path switch
    {
        "metadata.name" => obj.Name,
        "metadata.namespace" => obj.Namespace,
        _ => kind.SelectableField(obj, path),
    };
}
