using System.Text.Json;
using ControlPlane.Registry;
using ControlPlane.Registry.Tables;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Makes Tables of objects (meta.k8s.io/v1 Table), from the columns and cells of their kind.</summary>
internal static class TablePrinter
{
    public static Table One(ApiRequest request, StoredObject obj) =>
        List(request, [obj], new ListMeta { ResourceVersion = obj.Object.Metadata.ResourceVersion });

    /// <param name="withColumns">A watch names the columns in its first event only.</param>
    public static Table List(ApiRequest request, IReadOnlyList<StoredObject> items, ListMeta meta, bool withColumns = true)
    {
        var now = DateTime.UtcNow;
        var include = Include(request);
        return new Table
        {
            Kind = "Table", ApiVersion = Version(request), Metadata = meta,
            ColumnDefinitions = withColumns ? request.Kind.Columns : null,
            Rows = items.Select(item => Row(request, item, include, now)).ToList(),
        };
    }

    /// <summary>The scale of an object, as <c>kubectl get --subresource=scale</c> shows it.</summary>
    public static Table Scale(ApiRequest request, Scale scale) => new()
    {
        Kind = "Table", ApiVersion = Version(request), Metadata = new ListMeta { ResourceVersion = scale.Metadata.ResourceVersion },
        ColumnDefinitions = [Column.Name, Column.Number("Desired", "Replicas that are wanted."), Column.Number("Available", "Replicas that there are."), Column.Age],
        Rows = [new TableRow
        {
            Cells = [scale.Name, scale.Spec?.Replicas ?? 0, scale.Status?.Replicas ?? 0, Cell.Age(scale, DateTime.UtcNow)],
            Object = Include(request) switch
            {
                "None" => null,
                "Object" => JsonSerializer.SerializeToElement(scale, KubeJson.Options),
                _ => JsonSerializer.SerializeToElement(PartialMetadata.Of(scale), KubeJson.Options),
            },
        }],
    };

    private static TableRow Row(ApiRequest request, StoredObject item, string include, DateTime now) => new()
    {
        Cells = request.Kind.Cells(item.Object, now), Conditions = request.Kind.RowConditions(item.Object),
        Object = include switch
        {
            "None" => null,
            "Object" => FieldTracking.Parse(request.Shown(item).Json.Span),
            _ => JsonSerializer.SerializeToElement(PartialMetadata.Of(item.Object), KubeJson.Options),
        },
    };

    /// <exception cref="StatusException">400: another value.</exception>
    public static string Include(ApiRequest request) => request.Query("includeObject") switch
    {
        null => "Metadata",
        "None" or "Metadata" or "Object" => request.Query("includeObject")!,
        var other => throw StatusException.BadRequest($"includeObject: Invalid value: \"{other}\": must be 'Metadata', 'Object', 'None', or empty"),
    };

    /// <summary>Old clients ask for v1beta1 only; the two are the same.</summary>
    private static string Version(ApiRequest request)
    {
        var accept = request.Http.Request.Headers.Accept.ToString();
        return accept.Contains("v=v1;", StringComparison.Ordinal) || !accept.Contains("v=v1beta1", StringComparison.Ordinal) ? "meta.k8s.io/v1" : "meta.k8s.io/v1beta1";
    }
}
