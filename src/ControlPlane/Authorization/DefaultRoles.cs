using ControlPlane.Certificates;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// The cluster roles that every Kubernetes cluster has (plugin/pkg/auth/authorizer/rbac/bootstrappolicy), as far as
/// they concern what this program serves or what manifests of others commonly name.
/// </summary>
internal static class DefaultRoles
{
    private const string Read = "get list watch", Write = "create delete deletecollection patch update", ReadWrite = Read + " " + Write, Aggregate = "rbac.authorization.k8s.io/aggregate-to-";
    private const string Apps = "apps", Batch = "batch", Policy = "policy", Networking = "networking.k8s.io", Discovery = "discovery.k8s.io", Autoscaling = "autoscaling",
        Rbac = "rbac.authorization.k8s.io", AuthenticationGroup = "authentication.k8s.io", AuthorizationGroup = "authorization.k8s.io", Coordination = "coordination.k8s.io", CertificatesGroup = "certificates.k8s.io";
    private const string Workloads = "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale";

    /// <summary>What the agents of nodes may do; given by <see cref="NodeAuthorizer"/>, bound to nobody.</summary>
    public static ClusterRole Node { get; } = Role("system:node",
        Rule("create", AuthenticationGroup, "tokenreviews"),
        Rule("create", AuthorizationGroup, "subjectaccessreviews localsubjectaccessreviews"),
        Rule(Read, "", "services"), Rule("create get list watch", "", "nodes"), Rule("patch update", "", "nodes/status"), Rule("patch update", "", "nodes"),
        Rule("create patch update", "", "events"), Rule("create patch update", "events.k8s.io", "events"),
        Rule(Read, "", "pods"), Rule("create delete", "", "pods"), Rule("get patch update", "", "pods/status"), Rule("create", "", "pods/eviction"),
        Rule(Read, "", "configmaps secrets"), Rule("get", "", "persistentvolumeclaims persistentvolumes"), Rule("get", "", "endpoints"),
        Rule("create delete get patch update", Coordination, "leases"), Rule("create", "", "serviceaccounts/token"),
        Rule("create get list watch", CertificatesGroup, "certificatesigningrequests"));

    /// <summary>What a Service proxy reads. The agents of nodes are that too, so <see cref="NodeAuthorizer"/> gives it to them as well.</summary>
    public static ClusterRole NodeProxier { get; } = Role("system:node-proxier",
        Rule("list watch", "", "services endpoints"), Rule(Read, "", "nodes"), Rule("create patch update", "", "events"),
        Rule("create patch update", "events.k8s.io", "events"), Rule("list watch", Discovery, "endpointslices"));

    /// <summary>
    /// Whose request for a certificate is approved without a person: for any node, by one who joins; for the node itself.
    /// The last is ours: Kubernetes leaves nodes' serving certificates to people.
    /// </summary>
    public const string NodeClient = "nodeclient", SelfNodeClient = "selfnodeclient", SelfNodeServer = "selfnodeserver";

    public const string CertificatesPrefix = "system:certificates.k8s.io:certificatesigningrequests:";

    /// <summary>In the order in which they are made.</summary>
    public static IReadOnlyList<ClusterRole> All { get; } =
    [
        Role("cluster-admin", Rule("*", "*", "*"), Paths("*", "*")),
        Role("system:discovery", Paths("get", "/livez", "/readyz", "/healthz", "/version", "/version/", "/openapi", "/openapi/*", "/api", "/api/*", "/apis", "/apis/*")),
        Role("system:monitoring", Paths("get", "/metrics", "/metrics/slis", "/livez", "/readyz", "/healthz", "/livez/*", "/readyz/*", "/healthz/*")),
        Role("system:basic-user", Rule("create", AuthorizationGroup, "selfsubjectaccessreviews selfsubjectrulesreviews"), Rule("create", AuthenticationGroup, "selfsubjectreviews")),
        Role("system:public-info-viewer", Paths("get", "/livez", "/readyz", "/healthz", "/version", "/version/")),
        Role("system:service-account-issuer-discovery", Paths("get", "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/")),
        Aggregated("admin", "admin"), Aggregated("edit", "edit", "admin"), Aggregated("view", "view", "edit"),
        Labelled("system:aggregate-to-admin", ["admin"],
            Rule("create", AuthorizationGroup, "localsubjectaccessreviews"), Rule(ReadWrite, Rbac, "roles rolebindings")),
        Labelled("system:aggregate-to-edit", ["edit"],
            Rule(Read, "", "pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy"), Rule("impersonate", "", "serviceaccounts"),
            Rule(Write, "", "pods pods/attach pods/proxy pods/exec pods/portforward"), Rule("create", "", "pods/eviction"),
            Rule(Write, "", "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy"),
            Rule("create", "", "serviceaccounts/token"), Rule(Write, Apps, Workloads + " deployments/rollback"), Rule(Write, Autoscaling, "horizontalpodautoscalers"),
            Rule(Write, Batch, "cronjobs jobs"), Rule(Write, Policy, "poddisruptionbudgets"), Rule(Write, Networking, "ingresses networkpolicies"),
            Rule(ReadWrite, Coordination, "leases")),
        Labelled("system:aggregate-to-view", ["view"],
            Rule(Read, "", "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status"),
            Rule(Read, "", "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status"),
            Rule(Read, "", "namespaces"), Rule(Read, Discovery, "endpointslices"),
            Rule(Read, Apps, Workloads + " controllerrevisions daemonsets/status deployments/status replicasets/status statefulsets/status"),
            Rule(Read, Autoscaling, "horizontalpodautoscalers horizontalpodautoscalers/status"), Rule(Read, Batch, "cronjobs cronjobs/status jobs jobs/status"),
            Rule(Read, Policy, "poddisruptionbudgets poddisruptionbudgets/status"), Rule(Read, Networking, "ingresses ingresses/status networkpolicies")),
        Labelled("system:aggregated-metrics-reader", ["admin", "edit", "view"], Rule(Read, "metrics.k8s.io", "nodes pods")),
        Role("system:heapster", Rule(Read, "", "events namespaces nodes pods"), Rule(Read, Apps, "deployments")),
        Node,
        Role("system:node-problem-detector", Rule("get", "", "nodes"), Rule("patch", "", "nodes/status"), Rule("create patch update", "", "events")),
        NodeProxier,
        Role("system:kubelet-api-admin", Rule(Read, "", "nodes"), Rule("proxy", "", "nodes"), Rule("*", "", "nodes/log nodes/metrics nodes/proxy nodes/stats")),
        Role("system:node-bootstrapper", Rule("create get list watch", CertificatesGroup, "certificatesigningrequests")),
        Certificates(NodeClient), Certificates(SelfNodeClient), Certificates(SelfNodeServer), .. Signers.Served.Select(Approver),
        Role("kubeadm:get-nodes", Rule("get", "", "nodes")),
        Role("system:auth-delegator", Rule("create", AuthenticationGroup, "tokenreviews"), Rule("create", AuthorizationGroup, "subjectaccessreviews")),
        Role("system:kube-dns", Rule("list watch", "", "endpoints services")),
        Role("system:kube-controller-manager", Rule("create patch update", "", "events"), Rule("create patch update", "events.k8s.io", "events"), Rule("create get update", Coordination, "leases"),
            Rule("create", "", "secrets serviceaccounts"), Rule("delete", "", "secrets"), Rule("get", "", "configmaps namespaces secrets serviceaccounts"), Rule("update", "", "secrets serviceaccounts"),
            Rule("create", AuthenticationGroup, "tokenreviews"), Rule("create", AuthorizationGroup, "subjectaccessreviews"), Rule("list watch", "*", "*"), Rule("create", "", "serviceaccounts/token")),
        Role("system:kube-scheduler", Rule("create patch update", "", "events"), Rule("create patch update", "events.k8s.io", "events"), Rule("create get list update watch", Coordination, "leases"),
            Rule(Read, "", "nodes namespaces"), Rule("delete get list watch", "", "pods"), Rule("create", "", "bindings pods/binding"), Rule("patch update", "", "pods/status"),
            Rule(Read, "", "replicationcontrollers services persistentvolumeclaims persistentvolumes"), Rule(Read, Apps, "replicasets statefulsets"), Rule(Read, Policy, "poddisruptionbudgets"),
            Rule("create", AuthenticationGroup, "tokenreviews"), Rule("create", AuthorizationGroup, "subjectaccessreviews")),
        .. ControllerRoles.All,
    ];

    /// <param name="verbs">Separated by spaces, as are the resources; the core group is empty.</param>
    public static PolicyRule Rule(string verbs, string group, string resources) => new()
    {
        ApiGroups = [group], Resources = resources.Split(' ').Order(StringComparer.Ordinal).ToList(), Verbs = verbs.Split(' ').Order(StringComparer.Ordinal).ToList(),
    };

    public static ClusterRole Role(string name, params PolicyRule[] rules) => new() { Metadata = DefaultMeta.Named(name), Rules = rules };

    private static ClusterRole Certificates(string permission) => Role(CertificatesPrefix + permission, Rule("create", CertificatesGroup, "certificatesigningrequests/" + permission));

    private static ClusterRole Approver(string signer) =>
        Role($"system:certificates.k8s.io:{signer.Split('/')[1]}-approver", Rule("approve", CertificatesGroup, "signers") with { ResourceNames = [signer] });

    private static PolicyRule Paths(string verb, params string[] paths) => new() { NonResourceURLs = paths, Verbs = [verb] };

    private static ClusterRole Labelled(string name, string[] aggregateTo, params PolicyRule[] rules) =>
        new() { Metadata = DefaultMeta.Named(name, [.. aggregateTo.Select(target => Aggregate + target)]), Rules = rules };

    /// <summary>Its rules are put together by a controller, from all cluster roles with the label.</summary>
    private static ClusterRole Aggregated(string name, string from, params string[] aggregateTo) => Labelled(name, aggregateTo) with
    {
        AggregationRule = new AggregationRule { ClusterRoleSelectors = [new LabelSelector { MatchLabels = new Dictionary<string, string> { [Aggregate + from] = "true" } }] },
    };
}
