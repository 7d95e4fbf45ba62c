using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Writes objects and lists in the form that the client asked for.</summary>
internal static class ObjectAnswer
{
    public static Task One(ApiRequest request, StoredObject obj, int code = 200) => MediaType.Accepted(request.Http.Request) switch
    {
        AnswerForm.Table => Answer.Json(request.Http, code, TablePrinter.One(request, obj)),
        AnswerForm.Metadata => Answer.Json(request.Http, code, PartialMetadata.Of(obj.Object)),
        _ => Answer.Json(request.Http, code, request.Shown(obj).Json),
    };

    /// <summary>For an object that is not stored, or not as it is: dry runs, subresources.</summary>
    public static Task One(ApiRequest request, KubeObject obj, int code = 200) =>
        One(request, new StoredObject(request.KeyOf(obj.Name), obj, KubeJson.Serialize(obj), 0), code);

    public static Task List(ApiRequest request, IReadOnlyList<StoredObject> items, ListMeta meta) => MediaType.Accepted(request.Http.Request) switch
    {
        AnswerForm.Table => Answer.Json(request.Http, 200, TablePrinter.List(request, items, meta)),
        AnswerForm.Metadata => Answer.Json(request.Http, 200, PartialMetadata.List(items.Select(item => item.Object), meta)),
        _ => new ListAnswer(request.Resource, ReferenceEquals(request.View, request.Kind) ? items : items.Select(request.Shown).ToList(), meta).Send(request),
    };
}
