using ControlPlane.Admission;
using ControlPlane.Audit;
using ControlPlane.Authorization;
using ControlPlane.NodeProxy;
using ControlPlane.OpenApi;
using ControlPlane.Registry;
using ControlPlane.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.ApiServer;

/// <summary>Every request in one place: who asks, for what, may they, and which verb answers; every refusal becomes a Status.</summary>
internal sealed class RequestRouter(ObjectStore store, Identity identity, ServiceAddresses addresses, NodeConnection nodes, AuditLog audit, InFlightLimits limits, DefaultTolerations tolerations, ILogger log, CancellationToken stopping)
{
    private readonly RequestVerbs verbs = new(store, identity, addresses, nodes, tolerations, stopping);
    private readonly OpenApiEndpoint openApi = new();

    /// <summary>What <c>/readyz</c> says: true once the objects that every cluster begins with are there.</summary>
    public bool Ready { get; set; }

    public async Task Handle(HttpContext http)
    {
        try { await Answered(http); }
        finally { audit.Add(http); }
    }

    private async Task Answered(HttpContext http)
    {
        try
        {
            await Route(http);
        }
        catch (StatusException e) when (!http.Response.HasStarted)
        {
            AuditedRequest.Of(http).Refusal = (e.Status.Reason ?? "", e.Message);
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
        var record = AuditedRequest.Of(http);
        record.User = identity.Authenticator.Identify(http);
        var user = identity.Impersonation.Apply(http.Request, record.User);
        var target = RequestTarget.Parse(http.Request.Path.Value ?? "/");
        var access = record.Access = target is null ? AccessRequests.OfPath(user, http.Request) : AccessRequests.Of(user, http.Request, target, Verb(http.Request, target));
        // Before it is looked whether there is such a thing: who may not know is not told.
        if (identity.Authorizer.Authorize(access) is { Allowed: false } decision) throw StatusException.Refused(access, decision);
        using var place = limits.Enter(access);
        if (await CustomResources.TryList(http, access)) return;
        if (target is not null) await verbs.Handle(Understand(http, access, target));
        else if (!await Discovery.TryHandle(http) && !await openApi.TryHandle(http) && !await HealthChecks.TryHandle(http, access.Path, Ready)) await Other(http, access.Path);
    }

    private static ApiRequest Understand(HttpContext http, AccessRequest access, RequestTarget target)
    {
        var kind = Kinds.Find(target.Group, target.Version, target.Plural);
        if (kind is null || !kind.Resource.Namespaced && target.Namespace.Length > 0) throw Unserved.Resource(target);
        if (target.Name.Length > 0 && target.Namespace.Length == 0 && kind.Resource.Namespaced) throw StatusException.NoSuchResource();
        var request = new ApiRequest(http, access, target, kind);
        if (kind.Deprecation is { } deprecation) request.Warn(deprecation);
        return request;
    }

    private static string Verb(HttpRequest request, RequestTarget target) => request.Method switch
    {
        "GET" or "HEAD" when request.Query["watch"] is { Count: > 0 } watch && watch[0]?.ToLowerInvariant() is not ("false" or "0") && target.Subresource.Length == 0 => "watch",
        "GET" or "HEAD" => target.Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => target.Name.Length > 0 ? "delete" : "deletecollection",
        _ => throw StatusException.MethodNotAllowed(),
    };

    private Task Other(HttpContext http, string path)
    {
        switch (path)
        {
            case "/" or "/index.html" when HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method):
                return Answer.Json(http, 200, RootPaths.All);
            case var _ when identity.OpenId.Find(path) is { } document:
                http.Response.Headers.CacheControl = "public, max-age=3600";
                return Answer.Document(http, document.Body, document.ContentType);
            case var _ when path.StartsWith("/openapi/", StringComparison.Ordinal) || path.StartsWith("/api", StringComparison.Ordinal):
                throw StatusException.NoSuchResource();
            default:
                return Answer.Text(http, 404, "404 page not found\n");
        }
    }
}
