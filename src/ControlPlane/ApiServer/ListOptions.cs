using ControlPlane.Registry;

namespace ControlPlane.ApiServer;

/// <summary>
/// Which parameters of a list or watch go together (k8s.io/apimachinery internalversion/validation ValidateListOptions).
/// </summary>
internal static class ListOptions
{
    private const string Match = "resourceVersionMatch", Exact = "Exact", NotOlderThan = "NotOlderThan";

    /// <exception cref="StatusException">422.</exception>
    public static void Validate(ApiRequest request)
    {
        var errors = new FieldErrors();
        if (request.Verb == "watch") Watch(request, errors);
        else List(request, errors);
        if (errors.Any) throw StatusException.Invalid("meta.k8s.io", "ListOptions", "", errors.Causes);
    }

    private static void List(ApiRequest request, FieldErrors errors)
    {
        if (request.Query("sendInitialEvents") is not null) errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        if (request.Query(Match) is not { } match) return;
        var revision = request.Query("resourceVersion");
        if (revision is null) errors.Forbidden(Match, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (request.Query("continue") is not null) errors.Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided");
        if (match is not (Exact or NotOlderThan)) errors.NotSupported(Match, match, [Exact, NotOlderThan, ""]);
        if (match == Exact && revision == "0") errors.Forbidden(Match, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }

    private static void Watch(ApiRequest request, FieldErrors errors)
    {
        var match = request.Query(Match);
        var initial = request.Query("sendInitialEvents") is not null;
        if (initial && match != NotOlderThan) errors.Forbidden(Match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        if (match is null) return;
        if (!initial) errors.Forbidden(Match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        if (match != NotOlderThan) errors.NotSupported(Match, match, [NotOlderThan]);
        if (request.Query("continue") is not null) errors.Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided");
    }
}
