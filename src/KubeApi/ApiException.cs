using KubeApi.Objects;

namespace KubeApi;

/// <summary>The API server refused; <see cref="Status"/> says why in a form that programs can read.</summary>
public sealed class ApiException(Status status) : Exception(status.Message ?? status.Reason ?? "the API server refused")
{
    public Status Status => status;

    /// <summary>HTTP status code.</summary>
    public int Code => status.Code ?? 0;

    public bool IsNotFound => Code == 404;

    /// <summary>409 because of another resourceVersion or uid than expected.</summary>
    public bool IsConflict => status.Reason == "Conflict";

    public bool IsAlreadyExists => status.Reason == "AlreadyExists";

    /// <summary>403: nothing more can be made in the namespace, which is being deleted.</summary>
    public bool IsNamespaceTerminating => Code == 403 && (status.Details?.Causes ?? []).Any(cause => cause.Reason == "NamespaceTerminating");

    /// <summary>410: the revision asked for is no longer known; list again.</summary>
    public bool IsExpired => status.Reason is "Expired" or "Gone";
}
