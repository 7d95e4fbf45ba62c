using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeApi.Objects;

namespace KubeApi;

/// <summary>Which objects a list or watch is about.</summary>
/// <param name="Namespace">Empty for all namespaces.</param>
/// <param name="ResourceVersion">For a watch: everything after this revision. Null: the present state first.</param>
public sealed record ListOptions(string Namespace = "", string? LabelSelector = null, string? FieldSelector = null, string? ResourceVersion = null);

/// <summary>One change. For BOOKMARK only the object's resourceVersion means something.</summary>
public sealed record WatchEvent<T>(string Type, T Object) where T : KubeObject;

/// <summary>
/// Typed access to the API over HTTP. Every call may throw <see cref="ApiException"/> (the server said no) or
/// <see cref="HttpRequestException"/> / <see cref="IOException"/> (it could not be reached).
/// </summary>
public sealed class ApiClient : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30), RetryTimeout = TimeSpan.FromSeconds(15), ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient http;

    /// <param name="userAgent">Names the component in the server's logs.</param>
    public ApiClient(Uri server, HttpMessageHandler handler, string userAgent)
    {
        http = new HttpClient(handler)
        {
            BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    public ApiClient(Kubeconfig config, string userAgent) : this(new Uri(config.Server), config.CreateHandler(), userAgent) { }

    public Task<T> Get<T>(string ns, string name, CancellationToken cancel) where T : KubeObject =>
        Send<T>(HttpMethod.Get, Resource.Of<T>().Path(ns, name), null, cancel);

    /// <summary>As <see cref="Get{T}"/>, but null where there is no such object.</summary>
    public async Task<T?> Find<T>(string ns, string name, CancellationToken cancel) where T : KubeObject
    {
        try { return await Get<T>(ns, name, cancel); }
        catch (ApiException e) when (e.IsNotFound) { return null; }
    }

    /// <summary>The items carry kind and apiVersion, which the wire leaves out in lists.</summary>
    public async Task<KubeList<T>> List<T>(ListOptions options, CancellationToken cancel) where T : KubeObject
    {
        var resource = Resource.Of<T>();
        var list = await Send<KubeList<T>>(HttpMethod.Get, resource.Path(options.Namespace) + Query(options), null, cancel);
        return list with { Items = list.Items.Select(item => item with { Kind = resource.Kind, ApiVersion = resource.ApiVersion }).ToList() };
    }

    public Task<T> Create<T>(T obj, CancellationToken cancel) where T : KubeObject =>
        Send<T>(HttpMethod.Post, Resource.Of<T>().Path(obj.Namespace), Json(WithKind(obj)), cancel);

    /// <summary>Replaces the object; with a resourceVersion only if that is still the current one.</summary>
    public Task<T> Update<T>(T obj, CancellationToken cancel) where T : KubeObject =>
        Send<T>(HttpMethod.Put, Resource.Of<T>().Path(obj.Namespace, obj.Name), Json(WithKind(obj)), cancel);

    public Task<T> UpdateStatus<T>(T obj, CancellationToken cancel) where T : KubeObject => UpdateSubresource(obj, "status", cancel);

    /// <summary>Replaces the part of an object that a subresource stands for, e.g. a Namespace's <c>finalize</c>.</summary>
    public Task<T> UpdateSubresource<T>(T obj, string subresource, CancellationToken cancel) where T : KubeObject =>
        Send<T>(HttpMethod.Put, Resource.Of<T>().Path(obj.Namespace, obj.Name, subresource), Json(WithKind(obj)), cancel);

    /// <summary>JSON merge patch (RFC 7386) of the object or one of its subresources.</summary>
    public Task<T> MergePatch<T>(string ns, string name, object patch, CancellationToken cancel, string? subresource = null) where T : KubeObject =>
        Send<T>(HttpMethod.Patch, Resource.Of<T>().Path(ns, name, subresource),
            new Body(JsonSerializer.SerializeToUtf8Bytes(patch, KubeJson.Options), "application/merge-patch+json"), cancel);

    /// <summary>Deletes; an object with a grace period or finalizers may remain for a while. Not finding it is not an error.</summary>
    public async Task Delete<T>(string ns, string name, CancellationToken cancel, DeleteOptions? options = null) where T : KubeObject
    {
        options = (options ?? new DeleteOptions()) with { Kind = "DeleteOptions", ApiVersion = "v1" };
        try { await Send<JsonElement>(HttpMethod.Delete, Resource.Of<T>().Path(ns, name), Json(options), cancel); }
        catch (ApiException e) when (e.IsNotFound) { }
    }

    /// <summary>Deletes all objects of a kind in a namespace; those with a grace period or finalizers may remain for a while.</summary>
    public Task DeleteCollection<T>(string ns, CancellationToken cancel, DeleteOptions? options = null) where T : KubeObject =>
        Send<JsonElement>(HttpMethod.Delete, Resource.Of<T>().Path(ns), Json((options ?? new DeleteOptions()) with { Kind = "DeleteOptions", ApiVersion = "v1" }), cancel);

    /// <summary>Posts to a subresource, e.g. a Binding to <c>pods/NAME/binding</c>.</summary>
    public Task Post<T>(string ns, string name, string subresource, object body, CancellationToken cancel) where T : KubeObject =>
        Send<JsonElement>(HttpMethod.Post, Resource.Of<T>().Path(ns, name, subresource), Json(body), cancel);

    /// <summary>As <see cref="Post{T}"/>, for a subresource that answers with an object of its own, e.g. <c>serviceaccounts/NAME/token</c>.</summary>
    public Task<TBody> Post<T, TBody>(string ns, string name, string subresource, TBody body, CancellationToken cancel) where T : KubeObject where TBody : KubeObject =>
        Send<TBody>(HttpMethod.Post, Resource.Of<T>().Path(ns, name, subresource), Json(WithKind(body)), cancel);

    /// <summary>
    /// Changes as they happen, until the server ends the stream or the token is cancelled. Ends with
    /// <see cref="ApiException"/> (see <see cref="ApiException.IsExpired"/>) when the server sends an ERROR event.
    /// </summary>
    public async IAsyncEnumerable<WatchEvent<T>> Watch<T>(ListOptions options, [EnumeratorCancellation] CancellationToken cancel) where T : KubeObject
    {
        var query = Query(options, "watch=true", "allowWatchBookmarks=true");
        using var request = new HttpRequestMessage(HttpMethod.Get, Resource.Of<T>().Path(options.Namespace) + query);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        await ThrowIfRefused(response, cancel);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancel) is { } line)
            if (line.Length > 0) yield return ReadEvent<T>(line);
    }

    public void Dispose() => http.Dispose();

    private static WatchEvent<T> ReadEvent<T>(string line) where T : KubeObject
    {
        var utf8 = Encoding.UTF8.GetBytes(line);
        if (line.StartsWith("{\"type\":\"ERROR\"", StringComparison.Ordinal))
            throw new ApiException(KubeJson.Deserialize<ErrorEvent>(utf8).Object);
        return KubeJson.Deserialize<WatchEvent<T>>(utf8);
    }

    private sealed record ErrorEvent(string Type, Status Object);

    private async Task<T> Send<T>(HttpMethod method, string path, Body? content, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(RequestTimeout);
        try
        {
            var started = Stopwatch.GetTimestamp();
            while (true)
            {
                using var request = new HttpRequestMessage(method, path) { Content = content?.ToContent() };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
                if (ToTryAgain(method, response) is { } pause && Stopwatch.GetElapsedTime(started) + pause < RetryTimeout)
                {
                    await Task.Delay(pause, timeout.Token);
                    continue;
                }
                await ThrowIfRefused(response, timeout.Token);
                await using var body = await response.Content.ReadAsStreamAsync(timeout.Token);
                return (await JsonSerializer.DeserializeAsync<T>(body, KubeJson.Options, timeout.Token))!;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The handler gives up a connection that is not established in time by a cancellation of its own.
            throw new HttpRequestException(timeout.IsCancellationRequested
                ? $"{method} {path}: no answer within {RequestTimeout.TotalSeconds} s"
                : $"no connection to {http.BaseAddress?.Authority}");
        }
    }

    /// <summary>
    /// How long to wait before the same again: where the server had too much to do (429, nothing was done), or failed
    /// and says when it may work, for what can be repeated safely. Null where its answer stands.
    /// </summary>
    private static TimeSpan? ToTryAgain(HttpMethod method, HttpResponseMessage response)
    {
        var busy = response.StatusCode == HttpStatusCode.TooManyRequests;
        var failed = (int)response.StatusCode >= 500 && (method == HttpMethod.Get || method == HttpMethod.Put);
        if (!busy && !failed || response.Headers.RetryAfter?.Delta is not { } pause) return null;
        return pause < ShortestPause ? ShortestPause : pause;
    }

    private static async Task ThrowIfRefused(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.IsSuccessStatusCode) return;
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        Status status;
        try { status = KubeJson.Deserialize<Status>(body); }
        catch (JsonException) { status = new Status { Message = Encoding.UTF8.GetString(body) }; }
        throw new ApiException(status with { Code = (int)response.StatusCode });
    }

    private static T WithKind<T>(T obj) where T : KubeObject => obj with { Kind = Resource.Of<T>().Kind, ApiVersion = Resource.Of<T>().ApiVersion };

    private static Body Json(object body) => new(KubeJson.Serialize(body), "application/json");

    /// <summary>A body that can be sent more than once.</summary>
    private sealed record Body(byte[] Bytes, string Type)
    {
        public ByteArrayContent ToContent() => new(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue(Type) } };
    }

    private static string Query(ListOptions options, params string[] more)
    {
        var parameters = more.ToList();
        if (options.LabelSelector is { } labels) parameters.Add("labelSelector=" + Uri.EscapeDataString(labels));
        if (options.FieldSelector is { } fields) parameters.Add("fieldSelector=" + Uri.EscapeDataString(fields));
        if (options.ResourceVersion is { } version) parameters.Add("resourceVersion=" + version);
        return parameters.Count == 0 ? "" : "?" + string.Join('&', parameters);
    }
}
