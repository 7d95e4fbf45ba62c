using System.Buffers;
using System.Text.Json;
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
        _ => Answer.Json(request.Http, code, obj.Json),
    };

    /// <summary>For an object that is not stored, or not as it is: dry runs, subresources.</summary>
    public static Task One(ApiRequest request, KubeObject obj, int code = 200) =>
        One(request, new StoredObject(request.KeyOf(obj.Name), obj, KubeJson.Serialize(obj), 0), code);

    public static Task List(ApiRequest request, IReadOnlyList<StoredObject> items, ListMeta meta) => MediaType.Accepted(request.Http.Request) switch
    {
        AnswerForm.Table => Answer.Json(request.Http, 200, TablePrinter.List(request, items, meta)),
        AnswerForm.Metadata => Answer.Json(request.Http, 200, PartialMetadata.List(items.Select(item => item.Object), meta)),
        _ => Answer.Json(request.Http, 200, ListJson(request.Resource, items, meta)),
    };

    /// <summary>Puts the list together from the stored bytes; its items come without the kind and apiVersion that each of them begins with.</summary>
    private static ReadOnlyMemory<byte> ListJson(Resource resource, IReadOnlyList<StoredObject> items, ListMeta meta)
    {
        var typePrefix = JsonSerializer.SerializeToUtf8Bytes(new { kind = resource.Kind, apiVersion = resource.ApiVersion }).Length; // as long as {"kind":…,"apiVersion":…,
        var json = new ArrayBufferWriter<byte>(256 + items.Sum(item => item.Json.Length));
        json.Write(System.Text.Encoding.UTF8.GetBytes($"{{\"kind\":\"{resource.Kind}List\",\"apiVersion\":\"{resource.ApiVersion}\",\"metadata\":"));
        json.Write(KubeJson.Serialize(meta));
        json.Write(",\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            json.Write(i == 0 ? "{"u8 : ",{"u8);
            json.Write(items[i].Json.Span[typePrefix..]);
        }
        json.Write("]}"u8);
        return json.WrittenMemory;
    }
}
