#version 440
// Every shape of the pictures as a signed distance, so that one geometry draws them all, sharp at any zoom.
// params: x the shape (glyphs.h), y radius or half length, z and w as the shape says. Units: item pixels.
layout(location = 0) in vec2 vLocal;
layout(location = 1) in vec4 vParams;
layout(location = 2) in vec4 vColor;
layout(location = 0) out vec4 fragColor;
layout(std140, binding = 0) uniform buf {
    mat4 matrix;
    float opacity;
} u;

const float kPi = 3.14159265;

float segment(vec2 p, vec2 a, vec2 b, float halfWidth) {
    vec2 pa = p - a, ba = b - a;
    return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0)) - halfWidth;
}
float ring(vec2 p, float radius, float width) { return abs(length(p) - radius + width * 0.5) - width * 0.5; }
float box(vec2 p, vec2 halfSize, float radius) {
    vec2 q = abs(p) - halfSize + radius;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
}
// A ring cut into `count` dashes, each as long as `fill` of its share.
float dashes(vec2 p, float radius, float width, float count, float fill) {
    float share = 2.0 * kPi / count;
    float angle = atan(p.y, p.x) + kPi;
    float inDash = abs(mod(angle, share) - share * 0.5);
    float across = (inDash - share * fill * 0.5) * (radius - width * 0.5);
    return max(ring(p, radius, width), across);
}
// A part of a ring around "up", `halfAngle` to each side, with round ends.
float arc(vec2 p, float radius, float width, float halfAngle) {
    float middle = radius - width * 0.5;
    vec2 q = vec2(abs(p.x), -p.y);
    vec2 end = vec2(sin(halfAngle), cos(halfAngle));
    bool inside = atan(q.x, q.y) <= halfAngle;
    return (inside ? abs(length(q) - middle) : length(q - end * middle)) - width * 0.5;
}
float question(vec2 p, float r) {
    vec2 c = p - vec2(0.0, -0.18 * r);
    float hook = abs(length(c) - 0.26 * r) - 0.10 * r;
    if (c.x < 0.0 && c.y > 0.0)
        hook = length(c - vec2(0.0, 0.26 * r)) - 0.10 * r;
    if (c.x < -0.2 * r && c.y > -0.05 * r)
        hook = length(c - vec2(-0.26 * r, 0.0)) - 0.10 * r;
    return min(hook, length(p - vec2(0.0, 0.5 * r)) - 0.13 * r);
}

float shapeDistance(int shape, vec2 p, float r, float z, float w) {
    float d = length(p) - r;
    float stroke = max(r * 0.28, 0.75);
    if (shape == 1) // Pending
        return ring(p, r, stroke);
    if (shape == 2) // Starting
        return min(ring(p, r, stroke), max(d, p.x));
    if (shape == 4) { // Succeeded
        float tick = min(segment(p, vec2(-0.40, 0.02) * r, vec2(-0.10, 0.32) * r, 0.11 * r),
                         segment(p, vec2(-0.10, 0.32) * r, vec2(0.42, -0.28) * r, 0.11 * r));
        return min(ring(p, r, max(r * 0.18, 0.6)), tick);
    }
    if (shape == 5) { // Failed
        float cross_ = min(segment(p, vec2(-0.34) * r, vec2(0.34) * r, 0.12 * r),
                           segment(p, vec2(-0.34, 0.34) * r, vec2(0.34, -0.34) * r, 0.12 * r));
        return max(d, -cross_);
    }
    if (shape == 6) // Terminating
        return dashes(p, r, stroke, 8.0, 0.55);
    if (shape == 7) // Unknown
        return max(d, -question(p, r));
    if (shape == 8) // a ring, z wide
        return ring(p, r, z);
    if (shape == 9) // w dashes, z wide
        return dashes(p, r, z, w, 0.6);
    if (shape == 10) // w: half angle
        return arc(p, r, z, w);
    if (shape == 11) // z: half width
        return segment(p, vec2(-r, 0.0), vec2(r, 0.0), z);
    if (shape == 12) // w: corner radius
        return box(p, vec2(r, z), w);
    if (shape == 13) // its outline
        return abs(box(p, vec2(r, z) - 0.5, w)) - 0.5;
    return d; // Running, and plain discs
}

void main() {
    float pixel = length(vec2(dFdx(vLocal.x), dFdy(vLocal.x)));
    float d = shapeDistance(int(vParams.x + 0.5), vLocal, vParams.y, vParams.z, vParams.w);
    float alpha = clamp(0.5 - d / max(pixel, 1e-4), 0.0, 1.0);
    fragColor = vColor * (alpha * u.opacity);
}
