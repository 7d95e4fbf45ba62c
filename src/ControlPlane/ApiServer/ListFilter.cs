using ControlPlane.Registry;
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

    /// <exception cref="StatusException">A selector is malformed or names a field that cannot be selected.</exception>
    public static ListFilter Of(ApiRequest request)
    {
        try
        {
            var fields = FieldSelector.Parse(request.Query("fieldSelector"));
            foreach (var clause in fields.Clauses)
                if (clause.Path is not ("metadata.name" or "metadata.namespace") && !request.Kind.SelectableFields.Contains(clause.Path))
                    throw StatusException.BadRequest($"field label not supported: {clause.Path}");
            return new ListFilter(request.Kind, request.Namespace, request.Name.Length > 0 ? request.Name : null, Selector.Parse(request.Query("labelSelector")), fields);
        }
        catch (FormatException e)
        {
            throw StatusException.BadRequest(e.Message);
        }
    }

    public bool Matches(StoredObject obj) =>
        (Namespace.Length == 0 || obj.Key.Namespace == Namespace) && (Name is null || obj.Key.Name == Name)
        && labels.Matches(obj.Object.Metadata.Labels) && (fields.Clauses.Count == 0 || fields.Matches(path => Field(obj.Object, path)));

    /// <summary>In order, from a consistent state.</summary>
    public IEnumerable<StoredObject> Select(StoreSnapshot snapshot)
    {
        var resource = kind.Resource.QualifiedName;
        if (Name is not null && (Namespace.Length > 0 || !kind.Resource.Namespaced))
            return snapshot.Get(new StoreKey(resource, Namespace, Name)) is { } one && Matches(one) ? [one] : [];
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
