using System.Buffers;
using System.Text;
using System.Text.Json;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// A list as JSON, put together from the stored bytes; its items come without the kind and apiVersion that each of them
/// begins with. It is sent as it is made, so that a long one takes no memory and its first bytes no time.
/// </summary>
internal sealed class ListAnswer(Resource resource, IReadOnlyList<StoredObject> items, ListMeta meta)
{
    private const int Chunk = 64 << 10;

    private readonly byte[] head = [.. Encoding.UTF8.GetBytes($"{{\"kind\":\"{resource.Kind}List\",\"apiVersion\":\"{resource.ApiVersion}\",\"metadata\":"), .. KubeJson.Serialize(meta), .. ",\"items\":["u8];

    /// <summary>As long as <c>{"kind":…,"apiVersion":…,</c>.</summary>
    private readonly int typePrefix = JsonSerializer.SerializeToUtf8Bytes(new { kind = resource.Kind, apiVersion = resource.ApiVersion }).Length;

    private static ReadOnlySpan<byte> Tail => "]}\n"u8;

    public async Task Send(ApiRequest request)
    {
        if (Answer.WantsPretty(request.Http.Request) || MediaType.WantsYaml(request.Http.Request))
        {
            await Answer.Json(request.Http, 200, Whole());
            return;
        }
        await using var body = Answer.Begin(request.Http, 200, Length);
        var buffer = new ArrayBufferWriter<byte>(Chunk + 4096);
        buffer.Write(head);
        for (var i = 0; i < items.Count; i++)
        {
            Item(buffer, i);
            if (buffer.WrittenCount < Chunk) continue;
            await body.WriteAsync(buffer.WrittenMemory, request.Aborted);
            buffer.ResetWrittenCount();
        }
        buffer.Write(Tail);
        await body.WriteAsync(buffer.WrittenMemory, request.Aborted);
    }

    private long Length => head.Length + items.Sum(item => (long)item.Json.Length - typePrefix + 2) - (items.Count > 0 ? 1 : 0) + Tail.Length;

    private ReadOnlyMemory<byte> Whole()
    {
        var json = new ArrayBufferWriter<byte>((int)Length);
        json.Write(head);
        for (var i = 0; i < items.Count; i++) Item(json, i);
        json.Write(Tail[..2]);
        return json.WrittenMemory;
    }

    private void Item(ArrayBufferWriter<byte> writer, int index)
    {
        writer.Write(index == 0 ? "{"u8 : ",{"u8);
        writer.Write(items[index].Json.Span[typePrefix..]);
    }
}
