<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\DoctorContext;

/**
 * The proxy that has responded, and how its configuration fixes a problem.
 */
enum Proxy
{
    case Nginx;
    case Caddy;
    case Apache;
    case HAProxy;
    case Unknown;

    /** The paths of clients and of publishers. */
    public const BOTH = ['/app', '/apps'];

    private const NGINX_UPGRADE = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";';

    public static function of(Reply $reply): self
    {
        $names = strtolower("{$reply->header('server')} {$reply->header('via')}");

        return match (true) {
            preg_match('/nginx|openresty|tengine/', $names) === 1 => self::Nginx,
            str_contains($names, 'caddy') => self::Caddy,
            preg_match('/apache|httpd/', $names) === 1 => self::Apache,
            // HAProxy sends no Server header, and its error pages begin like this.
            trim($names) === '' && preg_match("~^<html><body><h1>\d{3} [^<]+</h1>\n~", $reply->body) === 1 => self::HAProxy,
            default => self::Unknown,
        };
    }

    public function upgrade(DoctorContext $context): string
    {
        $path = "{$context->server->path}/app/";

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the location of {$path}, beside its proxy_pass: ".self::NGINX_UPGRADE,
            self::Caddy => "In the Caddyfile, in the block of the site: {$this->block($context, '/app')}, without header_up for Connection and Upgrade",
            self::Apache => "In Apache (2.4.47 or newer), in the <VirtualHost>: {$this->block($context, '/app')}",
            self::HAProxy => 'In haproxy.cfg: mode http in frontend and backend, without option httpclose and without http-request del-header for Connection and Upgrade',
            self::Unknown => 'In the proxy: HTTP/1.1 to the server, with the headers Upgrade and Connection of the request',
        });
    }

    /**
     * Lines for the missing paths alone: what works already must not be defined a second time, or be taken over by another rule.
     *
     * @param  list<'/app'|'/apps'>  $paths  the missing ones
     */
    public function passThrough(DoctorContext $context, array $paths = self::BOTH): string
    {
        $prefix = $context->server->path;
        $blocks = fn (string $glue): string => implode($glue, array_map(fn (string $path): string => $this->block($context, $path), $paths));
        $tests = implode(' or ', array_map(static fn (string $path): string => "{ path_beg {$prefix}{$path}/ }", $paths));
        $areBoth = $paths === self::BOTH;
        $stub = static fn (string $name, string $others = ''): string => $areBoth ? " (`reverb:install --stubs={$name}`{$others} writes it)" : '';

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the server block: {$blocks(' ')}{$stub('nginx')}",
            self::Caddy => "In the Caddyfile, in the block of the site: {$blocks(' and ')}{$stub('caddy')}",
            self::Apache => "In Apache, in the <VirtualHost>: {$blocks(' and ')}{$stub('apache')}",
            self::HAProxy => "In haproxy.cfg, in the frontend: use_backend revurb if {$tests}".($areBoth
                ? ", and in that backend: server revurb {$context->serverAuthority()}{$stub('haproxy')}"
                : ' (revurb: the name of the backend that has the other path)'),
            self::Unknown => 'In the proxy: pass '.implode(' and ', array_map(static fn (string $path): string => "{$prefix}{$path}/", $paths))." on to {$context->serverUrl()}{$stub('nginx', ', caddy, apache or haproxy')}",
        });
    }

    /** The setting with the address of the server. */
    public function upstream(DoctorContext $context): string
    {
        $path = $context->server->path;

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the locations of {$path}/app/ and {$path}/apps/: proxy_pass {$context->serverUrl()};",
            self::Caddy => "In the Caddyfile, for {$path}/app/* and {$path}/apps/*: reverse_proxy {$context->serverAuthority()}",
            self::Apache => "In Apache, in the <Location \"{$path}/app/\">: ProxyPass \"{$context->serverUrl()}{$path}/app/\" upgrade=websocket, and the same for {$path}/apps/",
            // HAProxy also answers 503 if no backend was chosen.
            self::HAProxy => "In haproxy.cfg, in the frontend: use_backend revurb if { path_beg {$path}/app/ } or { path_beg {$path}/apps/ }, and in that backend: server revurb {$context->serverAuthority()} check",
            self::Unknown => "In the proxy: the server is {$context->serverUrl()}",
        });
    }

    /** @param  string  $path  the path that must be open to every client */
    public function open(DoctorContext $context, string $path): string
    {
        $prefix = $context->server->path;

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the server block, in place of a location of {$prefix}{$path}/: {$this->block($context, $path, 'auth_basic off; allow all; ')}",
            self::Caddy => "In the Caddyfile, in the block of the site: {$this->block($context, $path)}, outside of basic_auth",
            self::Apache => "In Apache, in the <VirtualHost>: <Location \"{$prefix}{$path}/\"> Require all granted </Location>",
            self::HAProxy => "In haproxy.cfg, in frontend and backend: no http-request auth and no http-request deny for { path_beg {$prefix}{$path}/ }",
            self::Unknown => "In the proxy: no password and no list of addresses for {$prefix}{$path}/",
        }).($path === '/apps' ? '; or publish past the proxy (docs/proxies.md)' : '');
    }

    /** @param  string  $path  the path that must not be redirected */
    public function noRedirect(DoctorContext $context, string $path): string
    {
        $prefix = $context->server->path;

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the server block, without a redirect for {$path}, in place of a location of {$prefix}{$path}/: {$this->block($context, $path)}",
            self::Caddy => "In the Caddyfile, in the block of the site, without a redir for {$path}: {$this->block($context, $path)}",
            self::Apache => "In Apache, above the RewriteRule, and without a Redirect for {$path}: RewriteCond %{REQUEST_URI} !^{$prefix}/apps?/",
            self::HAProxy => "In haproxy.cfg, at the end of the http-request redirect: unless { path_beg {$prefix}{$path}/ }",
            self::Unknown => "In the proxy, no redirect for {$prefix}{$path}/: pass it on to {$context->serverUrl()}",
        });
    }

    public function unbuffered(DoctorContext $context): string
    {
        $path = "{$context->server->path}/app/";

        return $this->thenReload(match ($this) {
            self::Nginx => "In nginx, in the location of {$path}, beside its proxy_pass: proxy_buffering off;",
            self::Caddy => "In the Caddyfile, in the reverse_proxy of {$path}*: flush_interval -1",
            self::Apache => "In Apache, at the end of the ProxyPass of {$path}: flushpackets=on",
            self::HAProxy => 'In haproxy.cfg, in frontend and backend: no option http-buffer-request, and timeout tunnel 1h',
            self::Unknown => 'In the proxy: pass on at once what comes, without a buffer',
        });
    }

    /** @param  string  $host  the host of the certificate */
    public static function certificate(string $host): string
    {
        return "A certificate for {$host} with its whole chain (nginx: ssl_certificate with fullchain.pem; Apache: SSLCertificateFile; HAProxy: crt; Caddy has one by itself)";
    }

    /**
     * The lines that pass one path on. In nginx `^~` wins over regular expressions, and takes nothing from the other path. Caddy and Apache
     * need the line breaks.
     *
     * @param  string  $path  `/app` or `/apps`
     * @param  string  $directives  of nginx, before the others
     */
    private function block(DoctorContext $context, string $path, string $directives = ''): string
    {
        $isForClients = $path === '/app';
        $path = "{$context->server->path}{$path}/";

        return match ($this) {
            self::Nginx => "location ^~ {$path} { {$directives}proxy_pass {$context->serverUrl()};".($isForClients ? ' '.self::NGINX_UPGRADE : '').' }',
            self::Caddy => "handle {$path}* { reverse_proxy {$context->serverAuthority()} } with a line break after { and before }",
            default => "<Location \"{$path}\"> ProxyPass \"{$context->serverUrl()}{$path}\"".($isForClients ? ' upgrade=websocket' : '').' </Location> with each tag on its line',
        };
    }

    /** The fix, and the commands that check the configuration of this proxy and load it anew. */
    private function thenReload(string $fix): string
    {
        $commands = match ($this) {
            self::Nginx => 'sudo nginx -t && sudo systemctl reload nginx',
            self::Caddy => 'caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy',
            self::Apache => 'sudo apachectl configtest && sudo systemctl reload apache2',
            self::HAProxy => 'sudo haproxy -c -f /etc/haproxy/haproxy.cfg && sudo systemctl reload haproxy',
            self::Unknown => null,
        };

        // The lines of nginx end with a semicolon.
        return $commands === null ? $fix : $fix.(str_ends_with($fix, ';') ? '' : ',')." and then: {$commands}";
    }
}
