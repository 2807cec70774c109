#version 440
layout(location = 0) in vec2 position;
layout(location = 1) in vec2 local;
layout(location = 2) in vec4 params;
layout(location = 3) in vec4 color;
layout(location = 0) out vec2 vLocal;
layout(location = 1) out vec4 vParams;
layout(location = 2) out vec4 vColor;
layout(std140, binding = 0) uniform buf {
    mat4 matrix;
    float opacity;
} u;

void main() {
    vLocal = local;
    vParams = params;
    vColor = color;
    gl_Position = u.matrix * vec4(position, 0.0, 1.0);
}
