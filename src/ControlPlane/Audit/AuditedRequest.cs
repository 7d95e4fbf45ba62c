using ControlPlane.Authentication;
using ControlPlane.Authorization;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Audit;

/// <summary>What the audit log has to know of a request beside its HTTP facts; filled in while it is answered.</summary>
internal sealed class AuditedRequest
{
    public DateTime Received { get; } = DateTime.UtcNow;

    /// <summary>Who sent it; null where that could not be told (401).</summary>
    public User? User { get; set; }

    /// <summary>What it wants, as the user that it is answered for; null before that is known.</summary>
    public AccessRequest? Access { get; set; }

    /// <summary>The name of what a create makes, which its URL does not have.</summary>
    public string? CreatedName { get; set; }

    /// <summary>The reason and message of a refusal.</summary>
    public (string Reason, string Message)? Refusal { get; set; }

    public static AuditedRequest Of(HttpContext http)
    {
        if (http.Features.Get<AuditedRequest>() is { } known) return known;
        var made = new AuditedRequest();
        http.Features.Set(made);
        return made;
    }
}
