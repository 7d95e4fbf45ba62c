using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using KubeApi;
using KubeApi.Objects;

namespace KernelTests.Kubelet;

/// <summary>
/// As much of an API server as a kubelet talks to, over real HTTP on 127.0.0.1: pods, Secrets and ConfigMaps can be
/// listed and watched, a pod's status is taken, a delete with grace 0 removes it, tokens are given, events are kept.
/// </summary>
internal sealed class TestApi : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<(string Resource, string Name), KubeObject> objects = new();
    private readonly ConcurrentDictionary<Channel<string>, (string Resource, string? Name)> watchers = new();
    private readonly Lock state = new();
    private int revision, tokens;
    private volatile bool away;

    public TestApi()
    {
        Url = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        _ = Task.Run(Accept);
    }

    public Uri Url { get; }
    public ConcurrentQueue<Event> Events { get; } = new();

    /// <summary>Seconds that a token holds, whatever was asked for.</summary>
    public long TokenLife { get; set; } = 3600;

    /// <summary>Null once it is gone.</summary>
    public Pod? Pod(string name) => objects.GetValueOrDefault(("pods", name)) as Pod;

    /// <summary>As a server that is gone: connections end, and new ones get no answer.</summary>
    public bool Away
    {
        get => away;
        set
        {
            away = value;
            if (value) foreach (var watcher in watchers.Keys) watcher.Writer.TryComplete();
        }
    }

    public IEnumerable<Pod> Pods => objects.Values.OfType<Pod>();

    /// <summary>Creates or replaces.</summary>
    public void Put(KubeObject obj)
    {
        var resource = Resource.Of(obj.GetType());
        lock (state)
        {
            var key = (resource.Plural, obj.Name);
            var uid = obj.Metadata.Uid ?? objects.GetValueOrDefault(key)?.Metadata.Uid ?? Guid.NewGuid().ToString();
            var put = obj with { Kind = resource.Kind, ApiVersion = resource.ApiVersion, Metadata = obj.Metadata with { Uid = uid, ResourceVersion = $"{++revision}" } };
            objects[key] = put;
            Send("MODIFIED", put);
        }
    }

    public void Remove(string name) => Remove("pods", name);

    public void Remove(string resource, string name)
    {
        lock (state)
            if (objects.TryRemove((resource, name), out var gone)) Send("DELETED", gone with { Metadata = gone.Metadata with { ResourceVersion = $"{++revision}" } });
    }

    public void Dispose()
    {
        listener.Close();
        foreach (var watcher in watchers.Keys) watcher.Writer.TryComplete();
    }

    private void Send(string type, KubeObject obj)
    {
        foreach (var (watcher, about) in watchers)
            if (about.Resource == Resource.Of(obj.GetType()).Plural && (about.Name ?? obj.Name) == obj.Name) watcher.Writer.TryWrite(Line(type, obj));
    }

    private static string Line(string type, KubeObject obj) => $"{{\"type\":\"{type}\",\"object\":{Encoding.UTF8.GetString(KubeJson.Serialize(obj))}}}";

    private async Task Accept()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                _ = Task.Run(() => Answer(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException) { return; }
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        try
        {
            if (away)
            {
                context.Response.Abort();
                return;
            }
            var (request, path) = (context.Request, context.Request.Url!.Segments.Select(segment => segment.Trim('/')).ToList());
            // /api/v1/[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]
            var rest = path.Skip(path.Contains("namespaces") ? path.IndexOf("namespaces") + 2 : 3).ToList();
            var (resource, name) = (rest[0], rest.ElementAtOrDefault(1));
            var only = request.QueryString["fieldSelector"] is { } fields && fields.StartsWith("metadata.name=", StringComparison.Ordinal) ? fields["metadata.name=".Length..] : null;
            if (request.QueryString["watch"] is not null) await Watch(context, resource, only);
            else if (request.HttpMethod == "GET") Answer(context, 200, List(resource, only));
            else if (rest.ElementAtOrDefault(2) == "token") Answer(context, 201, Token(KubeJson.Deserialize<TokenRequest>(Body(request))));
            else if (request.HttpMethod == "POST") Answer(context, 201, Keep(KubeJson.Deserialize<Event>(Body(request))));
            else if (name is null || Pod(name) is not { } pod) Answer(context, 404, new Status { Outcome = "Failure", Reason = "NotFound", Code = 404 });
            else if (request.HttpMethod == "PUT")
            {
                Put(pod with { Status = KubeJson.Deserialize<Pod>(Body(request)).Status });
                Answer(context, 200, Pod(name) ?? pod);
            }
            else
            {
                Remove(name);
                Answer(context, 200, new Status { Outcome = "Success" });
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException) { } // the client is gone
    }

    private object List(string resource, string? only) => new
    {
        kind = "List", apiVersion = "v1", metadata = new { resourceVersion = $"{revision}" },
        items = Known(resource, only).Select(item => (object)item),
    };

    private IEnumerable<KubeObject> Known(string resource, string? only) =>
        objects.Where(entry => entry.Key.Resource == resource && (only is null || entry.Key.Name == only)).Select(entry => entry.Value);

    /// <summary>A text that tells which one it is.</summary>
    private TokenRequest Token(TokenRequest asked) => asked with
    {
        Status = new TokenRequestStatus
        {
            Token = $"token {Interlocked.Increment(ref tokens)} for {asked.Spec!.BoundObjectRef!.Name}, audience {string.Join(',', asked.Spec.Audiences ?? ["none"])}, {asked.Spec.ExpirationSeconds} s",
            ExpirationTimestamp = DateTime.UtcNow.AddSeconds(TokenLife),
        },
    };

    private Event Keep(Event item)
    {
        Events.Enqueue(item);
        return item;
    }

    private async Task Watch(HttpListenerContext context, string resource, string? only)
    {
        var lines = Channel.CreateUnbounded<string>();
        lock (state)
        {
            watchers[lines] = (resource, only);
            foreach (var item in Known(resource, only)) lines.Writer.TryWrite(Line("MODIFIED", item)); // the client knows the first of them already, by their revision
        }
        context.Response.SendChunked = true;
        try
        {
            await context.Response.OutputStream.FlushAsync();
            await foreach (var line in lines.Reader.ReadAllAsync())
            {
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
                await context.Response.OutputStream.FlushAsync();
            }
            context.Response.Close();
        }
        finally { watchers.TryRemove(lines, out _); }
    }

    private static byte[] Body(HttpListenerRequest request)
    {
        using var body = new MemoryStream();
        request.InputStream.CopyTo(body);
        return body.ToArray();
    }

    private static void Answer(HttpListenerContext context, int code, object body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.Close(KubeJson.Serialize(body), willBlock: true);
    }
}
