using ControlPlane.Authorization;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// A request that is refused: becomes the HTTP status and the Status body. One factory for each reason, with the
/// words that Kubernetes uses (k8s.io/apimachinery/pkg/api/errors).
/// </summary>
internal sealed class StatusException(int code, string reason, string message, StatusDetails? details = null, ListMeta? metadata = null) : Exception(message)
{
    public int Code => code;

    public Status Status => new()
    {
        Kind = "Status", ApiVersion = "v1", Metadata = metadata ?? new ListMeta(), Outcome = "Failure",
        Message = Message, Reason = reason, Details = details, Code = code,
    };

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static StatusException Forbidden(Resource resource, string name, string why, IReadOnlyList<StatusCause>? causes = null) => new(403, "Forbidden",
        $"{resource.QualifiedName}{(name.Length > 0 ? $" \"{name}\"" : "")} is forbidden: {why}", Details(resource, name) with { Causes = causes });

    /// <summary>Nobody allowed it.</summary>
    public static StatusException Refused(AccessRequest access, Decision decision)
    {
        var why = decision.Reason.Length == 0 ? access.Refusal : $"{access.Refusal}: {decision.Reason}";
        if (access.Resource.Length == 0) return new(403, "Forbidden", $"forbidden: {why}", new StatusDetails());
        var resource = access.Group.Length == 0 ? access.Resource : $"{access.Resource}.{access.Group}";
        return new(403, "Forbidden", $"{resource}{(access.Name.Length > 0 ? $" \"{access.Name}\"" : "")} is forbidden: {why}",
            new StatusDetails { Name = Filled(access.Name), Group = Filled(access.Group), Kind = access.Resource });
    }

    public static StatusException NotFound(Resource resource, string name) => new(404, "NotFound",
        $"{resource.QualifiedName} \"{name}\" not found", Details(resource, name));

    /// <summary>No such resource is served.</summary>
    /// <param name="more">Follows Kubernetes' words.</param>
    public static StatusException NoSuchResource(string more = "") => new(404, "NotFound", "the server could not find the requested resource" + more, new StatusDetails());

    /// <summary>Kubernetes has it, this version has not.</summary>
    public static StatusException NotImplemented(string message) => new(501, "NotImplemented", message, new StatusDetails());

    public static StatusException MethodNotAllowed() => new(405, "MethodNotAllowed",
        "the server does not allow this method on the requested resource", new StatusDetails());

    public static StatusException NotAcceptable() => new(406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml");

    /// <param name="going">The one that is there is being deleted.</param>
    public static StatusException AlreadyExists(Resource resource, string name, bool going = false) => new(409, "AlreadyExists",
        $"{(going ? "object is being deleted: " : "")}{resource.QualifiedName} \"{name}\" already exists", Details(resource, name));

    public static StatusException Conflict(Resource resource, string name, string why = ObjectModified) => new(409, "Conflict",
        $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {why}", Details(resource, name));

    public const string ObjectModified = "the object has been modified; please apply your changes to the latest version and try again";

    public static StatusException Expired(string message) => new(410, "Expired", message);

    public static StatusException TooLarge(int limit) => TooLarge($"limit is {limit}");

    /// <param name="what">What there is too much of.</param>
    public static StatusException TooLarge(string what) => new(413, "RequestEntityTooLarge", $"Request entity too large: {what}");

    public static StatusException UnsupportedMediaType(params string[] accepted) => new(415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    /// <summary>The server has enough to do; the client is to come back after a second.</summary>
    public static StatusException TooManyRequests() => new(429, "TooManyRequests", "Too many requests, please try again later.", new StatusDetails { RetryAfterSeconds = 1 });

    public static StatusException Invalid(Resource resource, string name, IReadOnlyList<StatusCause> causes) =>
        Invalid(resource.Group, resource.Kind, name, causes);

    public static StatusException Invalid(string group, string kind, string name, IReadOnlyList<StatusCause> causes)
    {
        var texts = causes.Select(cause => $"{cause.Field}: {cause.Message}").ToList();
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new StatusException(422, "Invalid", $"{qualified} \"{name}\" is invalid: {(texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}",
            new StatusDetails { Name = Filled(name), Group = Filled(group), Kind = kind, Causes = causes });
    }

    public static StatusException InternalError(string message) => new(500, "InternalError", $"Internal error occurred: {message}",
        new StatusDetails { Causes = [new StatusCause { Message = message }] });

    /// <summary>A fault that Kubernetes knows no reason for.</summary>
    public static StatusException Unknown(string message) => new(500, "", message);

    public static StatusException ServiceUnavailable(string message) => new(503, "ServiceUnavailable", message);

    /// <summary>The revision asked for lies in the future.</summary>
    public static StatusException TooLargeRevision(long wanted, long current) => new(504, "Timeout",
        $"Too large resource version: {wanted}, current: {current}", new StatusDetails
        {
            RetryAfterSeconds = 1, Causes = [new StatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
        });

    private static StatusDetails Details(Resource resource, string name) =>
        new() { Name = Filled(name), Group = Filled(resource.Group), Kind = resource.Plural };

    private static string? Filled(string text) => text.Length == 0 ? null : text;
}
