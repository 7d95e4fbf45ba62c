using ControlPlane.OpenApi;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.ApiServer;

/// <summary>Every request in one place: who asks, for what, may they, and which verb answers; every refusal becomes a Status.</summary>
internal sealed class RequestRouter(ObjectStore store, Authentication authentication, ServiceAddresses addresses, ILogger log, CancellationToken stopping)
{
    private readonly Authorization authorization = new(store);
    private readonly ObjectWriter writer = new(store, addresses);
    private readonly List list = new(store);
    private readonly Watch watch = new(store);
    private readonly Delete delete = new(store, addresses);
    private readonly OpenApiEndpoint openApi = new();
    private readonly Handlers handlers = new(store, addresses);

    /// <summary>What <c>/readyz</c> says: true once the objects that every cluster begins with are there.</summary>
    public bool Ready { get; set; }

    public async Task Handle(HttpContext http)
    {
        try
        {
            await Route(http);
        }
        catch (StatusException e) when (!http.Response.HasStarted)
        {
            await Answer.Error(http, e);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is listening any more.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await Answer.Error(http, e.StatusCode == 413 ? StatusException.TooLarge(RequestBody.Limit) : StatusException.BadRequest(e.Message));
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            if (!http.Response.HasStarted) await Answer.Error(http, StatusException.InternalError(e.Message));
            else http.Abort();
        }
    }

    private async Task Route(HttpContext http)
    {
        var user = authentication.Identify(http);
        var path = http.Request.Path.Value ?? "/";
        if (RequestTarget.Parse(path) is { } target)
        {
            var request = Understand(http, user, target);
            authorization.Check(request);
            await Dispatch(request);
            return;
        }
        Authorization.CheckPath(user, http.Request.Method, path);
        if (!await Discovery.TryHandle(http) && !await openApi.TryHandle(http)) await Other(http, path);
    }

    private static ApiRequest Understand(HttpContext http, User user, RequestTarget target)
    {
        var kind = Kinds.Find(target.Group, target.Version, target.Plural);
        if (kind is null || !kind.Resource.Namespaced && target.Namespace.Length > 0)
        {
            // Someone who may not know anything is not told what there is.
            if (user.IsAnonymous) throw StatusException.ForbiddenPath(user, http.Request.Method.ToLowerInvariant(), http.Request.Path);
            throw StatusException.NoSuchResource();
        }
        if (target.Name.Length > 0 && target.Namespace.Length == 0 && kind.Resource.Namespaced) throw StatusException.NoSuchResource();
        return new ApiRequest(http, user, Verb(http.Request, target), target, kind);
    }

    private static string Verb(HttpRequest request, RequestTarget target) => request.Method switch
    {
        "GET" or "HEAD" when request.Query["watch"].ToString() is "true" or "1" && target.Subresource.Length == 0 => "watch",
        "GET" or "HEAD" => target.Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => target.Name.Length > 0 ? "delete" : "deletecollection",
        _ => throw StatusException.MethodNotAllowed(),
    };

    private Task Dispatch(ApiRequest request)
    {
        if (request.Target.Subresource is { Length: > 0 } subresource)
        {
            var declared = request.Kind.Find(subresource) ?? throw StatusException.NoSuchResource();
            if (!declared.Verbs.Contains(request.Verb)) throw StatusException.MethodNotAllowed();
            return subresource == Subresource.StatusName ? Common(request) : handlers.Handle(request);
        }
        if (!request.Kind.Verbs.Contains(request.Verb)) throw StatusException.MethodNotAllowed();
        return request.Kind.IsVirtual ? handlers.Handle(request) : Common(request);
    }

    private Task Common(ApiRequest request)
    {
        var named = request.Name.Length > 0;
        return request.Verb switch
        {
            "get" => Get.Handle(request, store),
            "list" => list.Handle(request),
            "watch" => watch.Handle(request, stopping),
            "create" when !named => Create.Handle(request, writer, authorization),
            "update" when named => Update.Handle(request, writer),
            "patch" when named => Patch.Handle(request, writer),
            "delete" => delete.Handle(request),
            "deletecollection" => delete.HandleCollection(request),
            _ => throw StatusException.MethodNotAllowed(),
        };
    }

    private Task Other(HttpContext http, string path)
    {
        switch (path)
        {
            case "/readyz" when !Ready:
                return Answer.Text(http, 500, "[-]bootstrap failed: not finished\nreadyz check failed\n");
            case "/healthz" or "/livez" or "/readyz":
                return Answer.Text(http, 200, "ok");
            case var _ when path.StartsWith("/openapi/", StringComparison.Ordinal) || path.StartsWith("/api", StringComparison.Ordinal):
                throw StatusException.NoSuchResource();
            default:
                return Answer.Text(http, 404, "404 page not found\n");
        }
    }
}
