using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using KubeApi;
using KubeApi.Objects;

namespace KernelTests.Kubelet;

/// <summary>
/// As much of an API server as a kubelet talks to, over real HTTP on 127.0.0.1: pods can be listed and watched, their
/// status is taken, a delete with grace 0 removes them, events are kept.
/// </summary>
internal sealed class TestApi : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, Pod> pods = new();
    private readonly ConcurrentDictionary<Channel<string>, byte> watchers = new();
    private readonly Lock state = new();
    private int revision;

    public TestApi()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        _ = Task.Run(Accept);
    }

    public Uri Url { get; }
    public ConcurrentQueue<Event> Events { get; } = new();

    /// <summary>Null once it is gone.</summary>
    public Pod? Pod(string name) => pods.GetValueOrDefault(name);

    public void Put(Pod pod) => Change("MODIFIED", pod);

    public void Remove(string name)
    {
        if (pods.TryRemove(name, out var pod)) Send("DELETED", pod);
    }

    public void Dispose()
    {
        listener.Close();
        foreach (var watcher in watchers.Keys) watcher.Writer.TryComplete();
    }

    private void Change(string type, Pod pod)
    {
        lock (state)
        {
            pod = pod with { Kind = "Pod", ApiVersion = "v1", Metadata = pod.Metadata with { ResourceVersion = $"{++revision}" } };
            pods[pod.Name] = pod;
            Send(type, pod);
        }
    }

    private void Send(string type, Pod pod)
    {
        var line = Encoding.UTF8.GetString(KubeJson.Serialize(new WatchEvent<Pod>(type, pod)));
        foreach (var watcher in watchers.Keys) watcher.Writer.TryWrite(line);
    }

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
            var request = context.Request;
            var name = request.Url!.Segments.Select(segment => segment.Trim('/')).SkipWhile(segment => segment != "pods").Skip(1).FirstOrDefault();
            if (request.QueryString["watch"] is not null) await Watch(context);
            else if (request.HttpMethod == "GET") Answer(context, 200, new KubeList<Pod> { Kind = "PodList", ApiVersion = "v1", Metadata = new ListMeta { ResourceVersion = $"{revision}" }, Items = [.. pods.Values] });
            else if (request.HttpMethod == "POST") Answer(context, 201, Keep(KubeJson.Deserialize<Event>(Body(request))));
            else if (name is null || !pods.TryGetValue(name, out var pod)) Answer(context, 404, new Status { Outcome = "Failure", Reason = "NotFound", Code = 404 });
            else if (request.HttpMethod == "PUT")
            {
                Change("MODIFIED", pod with { Status = KubeJson.Deserialize<Pod>(Body(request)).Status });
                Answer(context, 200, pods[name]);
            }
            else
            {
                Remove(name);
                Answer(context, 200, new Status { Outcome = "Success" });
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException) { } // the client is gone
    }

    private Event Keep(Event item)
    {
        Events.Enqueue(item);
        return item;
    }

    private async Task Watch(HttpListenerContext context)
    {
        var lines = Channel.CreateUnbounded<string>();
        lock (state)
        {
            watchers[lines] = 0;
            foreach (var pod in pods.Values) // the client knows the first of them already, by their revision
                lines.Writer.TryWrite(Encoding.UTF8.GetString(KubeJson.Serialize(new WatchEvent<Pod>("MODIFIED", pod))));
        }
        context.Response.SendChunked = true;
        try
        {
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
