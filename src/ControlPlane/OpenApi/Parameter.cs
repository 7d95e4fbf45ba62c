namespace ControlPlane.OpenApi;

/// <summary>A parameter of a path or a query.</summary>
/// <param name="In">path or query.</param>
/// <param name="Type">string, integer or boolean.</param>
internal sealed record Parameter(string Title, string In, string Type, string Description)
{
    public static Parameter Namespace { get; } = new("namespace", "path", "string", "The namespace that the objects belong to.");

    public static Parameter Pretty { get; } = Text("pretty", "With 'true' the answer is indented for people; otherwise it is one line, except for curl, wget and browsers.");

    private static readonly Parameter DryRun = Text("dryRun", "With 'All' the request is processed in full and answered as usual, but nothing is stored.");

    private static readonly Parameter FieldManager = Text("fieldManager", "Name of the program or person that makes the change, up to 128 printable characters; required by an apply patch.");

    private static readonly Parameter FieldValidation = Text("fieldValidation",
        "What becomes of unknown and duplicate fields in the body: 'Ignore' drops them, 'Warn' (the default) drops them with a warning for each, 'Strict' refuses the request.");

    private static readonly Parameter Force = Flag("force", "An apply patch takes over fields of other managers instead of failing with a conflict. Apply patches only.");

    private static readonly Parameter ResourceVersion = Text("resourceVersion",
        "How new the data must be: absent for the newest, '0' for any, a version for one at least as new; for a watch the version after which it begins.");

    private static readonly Parameter[] Selection =
    [
        Text("continue", "Token of a list answer that had more items than 'limit'; asks for the page after it. Expires after some minutes with status 410."),
        Text("fieldSelector", "Limits the objects to those whose fields have the given values, e.g. 'metadata.name=a'. Each kind has its own list of such fields."),
        Text("labelSelector", "Limits the objects to those whose labels match, e.g. 'app=a,tier!=b' or 'app in (a, b)'."),
        Number("limit", "The largest number of items in one answer; the rest can be read with 'continue'."),
        ResourceVersion,
        Text("resourceVersionMatch", "How 'resourceVersion' of a list is meant: 'Exact' or 'NotOlderThan'."),
        Flag("sendInitialEvents", "A watch begins with an ADDED event for every present object and a BOOKMARK that ends them; needs resourceVersionMatch=NotOlderThan."),
        Number("timeoutSeconds", "Ends a watch, or gives up on a list, after this many seconds."),
    ];

    private static readonly Parameter[] Watching =
    [
        Flag("allowWatchBookmarks", "The watch may have BOOKMARK events, which carry a new resource version and nothing else."),
        Flag("watch", "Answers with a stream of changes instead of a list."),
    ];

    private static readonly Parameter[] Deletion =
    [
        DryRun,
        Number("gracePeriodSeconds", "Seconds an object may take to end; 0 deletes it at once. Absent: the default of the object or its kind."),
        Flag("ignoreStoreReadErrorWithClusterBreakingPotential", "Deletes an object even if it cannot be read from the store."),
        Flag("orphanDependents", "Deprecated, use 'propagationPolicy'. True: dependents stay, without this owner; false: the garbage collector deletes them."),
        Text("propagationPolicy", "What becomes of dependents: 'Orphan' leaves them, 'Background' deletes them afterwards, 'Foreground' deletes them first."),
    ];

    public bool Required => In == "path";

    public static Parameter Name(string kind) => new("name", "path", "string", $"Name of the {kind}.");

    /// <summary>The query parameters of an operation.</summary>
    public static IReadOnlyList<Parameter> Query(RestOperation operation) => operation.Action switch
    {
        "list" => [Watching[0], .. Selection, Watching[1]],
        "deletecollection" => [.. Selection, .. Deletion],
        "delete" => Deletion,
        "post" or "put" => [DryRun, FieldManager, FieldValidation],
        "patch" => [DryRun, FieldManager, FieldValidation, Force],
        _ => [],
    };

    private static Parameter Text(string name, string description) => new(name, "query", "string", description);

    private static Parameter Flag(string name, string description) => new(name, "query", "boolean", description);

    private static Parameter Number(string name, string description) => new(name, "query", "integer", description);
}
