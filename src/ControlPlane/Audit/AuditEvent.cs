using System.Text.Json.Serialization;
using ControlPlane.Authentication;
using ControlPlane.Authorization;
using KubeApi;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Audit;

/// <summary>
/// One line of the audit log: audit.k8s.io/v1 Event at level Metadata. It has no field for a body or for a header that
/// authenticates, so neither Secrets nor tokens can come into it.
/// </summary>
internal sealed record AuditEvent
{
    public string Kind { get; init; } = "Event";
    public string ApiVersion { get; init; } = "audit.k8s.io/v1";
    public string Level { get; init; } = "Metadata";
    public required string AuditID { get; init; }
    public string Stage { get; init; } = "ResponseComplete";
    public required string RequestURI { get; init; }
    public required string Verb { get; init; }
    public required AuditUser User { get; init; }
    public AuditUser? ImpersonatedUser { get; init; }
    public IReadOnlyList<string>? SourceIPs { get; init; }
    public string? UserAgent { get; init; }
    public AuditObject? ObjectRef { get; init; }
    public required AuditStatus ResponseStatus { get; init; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime RequestReceivedTimestamp { get; init; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime StageTimestamp { get; init; }

    internal sealed record AuditUser(string Username, string? Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra);

    internal sealed record AuditObject(string? Resource, string? Namespace, string? Name, [property: JsonPropertyName("apiGroup")] string? Group,
        [property: JsonPropertyName("apiVersion")] string? Version, string? Subresource);

    internal sealed record AuditStatus(int Code, string? Status, string? Reason, string? Message);

    /// <summary>Characters of a text that others choose (as kube-apiserver's limit for user agents).</summary>
    private const int Longest = 1024;

    public static AuditEvent Of(HttpContext http, AuditedRequest request, DateTime now)
    {
        var user = request.User ?? Authentication.User.Anonymous;
        var access = request.Access;
        return new AuditEvent
        {
            AuditID = Guid.NewGuid().ToString(), RequestURI = http.Request.Path + http.Request.QueryString.Value,
            Verb = access?.Verb ?? http.Request.Method.ToLowerInvariant(), User = Describe(user),
            ImpersonatedUser = access is null || ReferenceEquals(access.User, user) ? null : Describe(access.User),
            SourceIPs = http.Connection.RemoteIpAddress is { } address ? [address.ToString()] : null,
            UserAgent = Filled(Short(http.Request.Headers.UserAgent.ToString())), ObjectRef = access is { Resource.Length: > 0 } ? Describe(access with { Name = access.Name.Length > 0 ? access.Name : request.CreatedName ?? "" }) : null,
            ResponseStatus = new AuditStatus(http.Response.StatusCode, request.Refusal is null ? null : "Failure", request.Refusal?.Reason, Told(http.Response.StatusCode, request.Refusal?.Message)),
            RequestReceivedTimestamp = request.Received, StageTimestamp = now,
        };
    }

    private static AuditUser Describe(User user) => new(user.Name, Filled(user.Uid), user.Groups, user.Extra.Count > 0 ? user.Extra : null);

    private static AuditObject Describe(AccessRequest access) =>
        new(access.Resource, Filled(access.Namespace), Filled(access.Name), Filled(access.Group), Filled(access.Version), Filled(access.Subresource));

    /// <summary>What is wrong with a body is told in the body's words, which may be a Secret's.</summary>
    private static string? Told(int code, string? message) => message is null || code is 400 or 422 ? null : Short(message);

    /// <summary>Lines wait in memory, and anybody can cause them.</summary>
    private static string Short(string text) => text.Length <= Longest ? text : text[..Longest] + "...TRUNCATED";

    private static string? Filled(string text) => text.Length == 0 ? null : text;
}
