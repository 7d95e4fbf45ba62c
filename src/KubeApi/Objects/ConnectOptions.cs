using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Parameters of a request that is passed on to a node, pod or Service. They travel in the query; no body ever has this kind.</summary>
public abstract record ConnectOptions : KubeObject;

/// <summary>What a command in a container is started with; travels in the query of <c>pods/NAME/exec</c>.</summary>
[Kind("", "v1", "PodExecOptions", "podexecoptions")]
public sealed record PodExecOptions : ConnectOptions;

/// <summary>What is attached of a container; travels in the query of <c>pods/NAME/attach</c>.</summary>
[Kind("", "v1", "PodAttachOptions", "podattachoptions")]
public sealed record PodAttachOptions : ConnectOptions;

/// <summary>Which ports are forwarded; travels in the query of <c>pods/NAME/portforward</c>.</summary>
[Kind("", "v1", "PodPortForwardOptions", "podportforwardoptions")]
public sealed record PodPortForwardOptions : ConnectOptions;

/// <summary>The path of a request that is passed on to a pod.</summary>
[Kind("", "v1", "PodProxyOptions", "podproxyoptions")]
public sealed record PodProxyOptions : ConnectOptions;

/// <summary>The path of a request that is passed on to a Service.</summary>
[Kind("", "v1", "ServiceProxyOptions", "serviceproxyoptions")]
public sealed record ServiceProxyOptions : ConnectOptions;

/// <summary>The path of a request that is passed on to a node's agent.</summary>
[Kind("", "v1", "NodeProxyOptions", "nodeproxyoptions", Namespaced = false)]
public sealed record NodeProxyOptions : ConnectOptions;
