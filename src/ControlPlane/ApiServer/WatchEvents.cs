using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Writes the events of one watch in the form that its client asked for.</summary>
internal sealed class WatchEvents
{
    private readonly ApiRequest request;
    private readonly AnswerForm form;
    private readonly PipeWriter body;
    private bool columnsSent;
    private int unflushed;

    /// <exception cref="StatusException">400: the rows of a table are to include what does not exist.</exception>
    public WatchEvents(ApiRequest request, AnswerForm form)
    {
        (this.request, this.form, body) = (request, form, request.Http.Response.BodyWriter);
        if (form == AnswerForm.Table) TablePrinter.Include(request);
    }

    /// <summary>So much was written that the client should take it before there is more.</summary>
    public bool IsLarge => unflushed > 64 << 10;

    public void Object(string type, StoredObject obj)
    {
        if (form == AnswerForm.Json) Line(type, request.Shown(obj).Json.Span);
        else if (form == AnswerForm.Metadata) Line(type, KubeJson.Serialize(PartialMetadata.Of(obj.Object)));
        else
        {
            Line(type, KubeJson.Serialize(TablePrinter.List(request, [obj], new ListMeta { ResourceVersion = obj.Object.Metadata.ResourceVersion }, !columnsSent)));
            columnsSent = true;
        }
    }

    /// <summary>Tells a revision up to which the client has seen everything.</summary>
    /// <param name="endOfInitial">The present state is complete (KEP-3157).</param>
    public void Bookmark(long revision, bool endOfInitial)
    {
        var metadata = $"{{\"resourceVersion\":\"{revision}\"{(endOfInitial ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "")},\"creationTimestamp\":null}}";
        var (kind, apiVersion) = form == AnswerForm.Metadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (request.Resource.Kind, request.Resource.ApiVersion);
        var obj = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata}}}";
        if (form == AnswerForm.Table)
            obj = $"{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{{\"resourceVersion\":\"{revision}\"}},\"columnDefinitions\":null,\"rows\":[{{\"cells\":[],\"object\":{obj}}}]}}";
        Line("BOOKMARK", Encoding.UTF8.GetBytes(obj));
    }

    public async Task Error(StatusException error)
    {
        Line("ERROR", KubeJson.Serialize(error.Status));
        await Flush();
    }

    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task Flush()
    {
        unflushed = 0;
        var result = await body.FlushAsync(request.Aborted);
        if (result.IsCompleted) throw new OperationCanceledException();
    }

    private void Line(string type, ReadOnlySpan<byte> obj)
    {
        body.Write(Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
        body.Write(obj);
        body.Write("}\n"u8);
        unflushed += obj.Length + 32;
    }
}
